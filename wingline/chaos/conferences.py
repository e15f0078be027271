"""Who was in which conference, as each Asterisk said it to a manager of our own."""

from collections.abc import Mapping

from ivr.packs import Event
from wingline.chaos.history import Member
from wingline.chaos.node import Node
from wingline.chaos.prison import Prison
from wingline.chaos.recorder import Clock


class Conferences:
    def __init__(self, prison: Prison) -> None:
        names = {prison.phones[one.phone]: one.who for one in prison.recorders}
        self._all = [_OfOne(node, prison.clock, names) for node in prison.nodes]

    def all_of_them(self) -> tuple[Member, ...]:
        return tuple(member for one in self._all for member in one.all_of_them())


class _OfOne:
    def __init__(self, node: Node, clock: Clock, names: Mapping[str, str]) -> None:
        self.members: list[Member] = []
        self._clock, self._names = clock, names
        self._there: dict[tuple[str, str], float] = {}
        node.manager.subscribe(self._on_event)
        node.manager.on_down = self._asterisk_is_gone

    def all_of_them(self) -> tuple[Member, ...]:
        still = (Member(who, call, joined, None) for (who, call), joined in self._there.items())
        return (*self.members, *still)

    def _on_event(self, event: Event) -> None:
        if event.name not in ("ConfbridgeJoin", "ConfbridgeLeave"):
            return
        phone = event["Channel"].removeprefix("PJSIP/").rpartition("-")[0]
        who, call = self._names.get(phone), event["Conference"]
        if who is None:
            return
        if event.name == "ConfbridgeJoin":
            self._there[who, call] = self._clock.now()
        else:
            self._leaves(who, call)

    def _leaves(self, who: str, call: str) -> None:
        joined = self._there.pop((who, call), None)
        if joined is not None:
            self.members.append(Member(who, call, joined, self._clock.now()))

    async def _asterisk_is_gone(self) -> None:
        """It stood still, or died with everything in it; who is there after that is not known from before."""
        for who, call in list(self._there):
            self._leaves(who, call)
