"""What every fault is: done at a moment, and undone some seconds later."""

from typing import Protocol


class Breaks(Protocol):
    """One fault, once."""

    @property
    def who(self) -> str | None:
        """Whose phone it hit, when it hit one."""
        ...

    async def inject(self) -> bool:
        """Whether there was something to hit."""
        ...

    async def heal(self) -> None:
        """Whatever does not heal by itself."""
        ...
