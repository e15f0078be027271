"""Hosts of a cluster: a cable is pulled, and plugged in again some seconds later."""

from typing import Protocol


class Cable(Protocol):
    """Of one host; nobody is told that it is pulled."""

    async def pull(self) -> None: ...

    async def plug_in(self) -> None: ...


class CutOff:
    who = None

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    async def inject(self) -> bool:
        await self._cable.pull()
        return True

    async def heal(self) -> None:
        await self._cable.plug_in()
