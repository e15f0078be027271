"""A call to which a test lets things happen, and in words what came of the last of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self, TypeVar

from builders import NOON

from escalation.profile import Profile
from ivr import happenings as h
from ivr import orders as o
from ivr.call import Call, Phase, Rules, new_call
from ivr.flow import step
from models.words import CallId, Cause, Hearing, Language, ListenerId, Seat
from tests.fakes.line import a_profile

Kind = TypeVar("Kind")

ROBIN, WREN = ListenerId("robin"), ListenerId("wren")
QUIET = h.CallerWasQuiet()
ROBIN_JOINS = h.ListenerJoined(ROBIN, Seat.FIRST)
NOBODY_CAME = h.NobodyCame(Seat.FIRST)
# 0 comes over AGI wherever we speak, and through the conference's own menu in a conversation.
STAFF_KEY: dict[Phase, h.Happening] = {
    phase: h.CallerPressedStaffKey() if phase is Phase.TALKING else h.CallerPressed("0") for phase in Phase
}


class Told:
    def __init__(self, *languages: str, hearing: Hearing = Hearing.ASK, profile: Profile | None = None) -> None:
        codes = tuple(Language(code) for code in languages or ("en",))
        rules = Rules(profile or a_profile(), hearing, frozenset({Language("en")}), codes, codes[0])
        self.call: Call = new_call(CallId("call-1"), rules)
        self.orders: tuple[o.Order, ...] = ()
        self.happened: list[h.Happening] = []
        self.now: datetime = NOON

    def after(self, *happenings: h.Happening) -> Self:
        for happening in happenings:
            self.happened.append(happening)
            self.call, self.orders = step(self.call, happening, self.now)
        return self

    def pressing(self, keys: str) -> Self:
        return self.after(*(h.CallerPressed(key) for key in keys))

    def listener_pressing(self, keys: str, listener: ListenerId = ROBIN) -> Self:
        return self.after(*(h.ListenerPressed(listener, key) for key in keys))

    # ---- what came of it

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [order for order in self.orders if isinstance(order, kind)]

    @property
    def kinds(self) -> list[type]:
        return [type(order) for order in self.orders]

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(line.language, line.prompt) for said in self.of(o.Say) for line in said.lines]

    @property
    def caller_hears(self) -> list[str]:
        return [prompt for _, prompt in self.lines]

    @property
    def caller_is_whispered(self) -> list[str]:
        return self._whispered(o.Side.CALLER)

    @property
    def listener_is_whispered(self) -> list[str]:
        return self._whispered(o.Side.LISTENER)

    @property
    def causes(self) -> list[Cause]:
        return [order.cause for order in self.of(o.Escalate)]

    @property
    def let_go_to(self) -> list[o.Next]:
        return [order.to for order in self.of(o.LetGo)]

    def _whispered(self, side: o.Side) -> list[str]:
        return [line.prompt for one in self.of(o.Whisper) if one.side is side for line in one.lines]


def waiting(*, listening: bool = False, **rules: Any) -> Told:
    return Told(**rules).after(h.CallerDialled(), h.CallerPressed("1") if listening else QUIET)


def talking(*, listening: bool = False, **rules: Any) -> Told:
    return waiting(listening=listening, **rules).after(ROBIN_JOINS)


def left() -> Told:
    return talking().after(h.ListenerLeft(ROBIN), h.CallerCameBack())


def nobody_outside() -> Told:
    return waiting().after(NOBODY_CAME, QUIET, h.CallerCameBack(h.Dialled.FAILED))


def nobody_at_all() -> Told:
    return nobody_outside().after(QUIET, h.CallerCameBack(h.Dialled.FAILED))


# The way to each.
EVERY_PHASE: dict[Phase, Callable[[], Told]] = {
    Phase.LANGUAGE: lambda: Told("en", "cy").after(h.CallerDialled()),
    Phase.NOTICE: lambda: Told().after(h.CallerDialled()),
    Phase.WAITING: waiting,
    Phase.TALKING: talking,
    Phase.LEFT: left,
    Phase.OUTSIDE: lambda: waiting().after(NOBODY_CAME),
    Phase.DUTY_OFFICE: nobody_outside,
    Phase.NOBODY: nobody_at_all,
    Phase.GROUNDING: lambda: nobody_at_all().after(QUIET),
    Phase.ENDING: lambda: left().pressing("2"),
}
