"""What becomes of each caller, by what the exchanges say of their channels twice a second."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from subprocess import TimeoutExpired

_EVERY_SECONDS = 0.5
_CHANNELS = "core show channels concise"


class Became(IntEnum):
    """The best that a call came to; the exchange alone is one that does without its line (wl-alone)."""

    WITH_THE_LINE = 1
    TOLD_BY_THE_EXCHANGE_ALONE = 2
    LISTENER_BY_THE_EXCHANGE_ALONE = 3
    LISTENER = 4


@dataclass(frozen=True, slots=True)
class Channel:
    """``bridge`` is empty when it is in none; ``id`` differs between calls of the same phone."""

    phone: str
    context: str
    application: str
    bridge: str
    id: str


def channels(said: str) -> Iterator[Channel]:
    """Of `core show channels concise`, the phones' own; data may hold a mark, so that the end is read from the end."""
    for line in said.splitlines():
        fields = line.split("!")
        if len(fields) >= 14 and fields[0].startswith("PJSIP/"):
            phone = fields[0].removeprefix("PJSIP/").rpartition("-")[0]
            yield Channel(phone, fields[1], fields[5], fields[-2], fields[-1])


def became(one: Channel, everybody: Sequence[Channel], callers: Collection[str]) -> Became:
    others = {other.phone for other in everybody if one.bridge and other.bridge == one.bridge}
    if one.application == "ConfBridge" and others - set(callers):
        return Became.LISTENER
    if one.context.startswith("wl-alone"):
        # A Listener's phone is in a bridge with the queue's caller only when 1 was pressed.
        by_queue = one.application == "Queue" and one.bridge
        return Became.LISTENER_BY_THE_EXCHANGE_ALONE if by_queue else Became.TOLD_BY_THE_EXCHANGE_ALONE
    return Became.WITH_THE_LINE


@dataclass(slots=True)
class Watch:
    """``ask``: puts a question to the exchange of a node, which may be gone."""

    ask: Callable[[str, str], str]
    nodes: Sequence[str]
    callers: Collection[str]
    came_to: dict[tuple[str, str], Became] = field(default_factory=dict)
    # At the last look.
    now: dict[tuple[str, str], Became] = field(default_factory=dict)

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        said = await asyncio.gather(*(asyncio.to_thread(self._asked, node) for node in self.nodes))
        self.take(dict(zip(self.nodes, said, strict=True)))

    def take(self, said: Mapping[str, str]) -> None:
        self.now.clear()
        for node, text in said.items():
            everybody = list(channels(text))
            for one in everybody:
                if one.phone in self.callers:
                    self.now[node, one.id] = became(one, everybody, self.callers)
        for call, state in self.now.items():
            self.came_to[call] = max(state, self.came_to.get(call, state))

    def talking(self) -> set[tuple[str, str]]:
        return {call for call, state in self.now.items() if state >= Became.LISTENER_BY_THE_EXCHANGE_ALONE}

    def counted(self) -> dict[str, int]:
        counted = Counter(self.came_to.values())
        return {state.name.lower(): counted[state] for state in reversed(Became)}

    def _asked(self, node: str) -> str:
        with suppress(TimeoutExpired):
            return self.ask(node, _CHANNELS)
        return ""
