"""What holds for every call, in whatever order things happen to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr import happenings as h
from ivr import orders as o
from ivr.call import ASKED_FOR, DANGERS, Call, Phase, Rules, new_call
from ivr.flow import step
from models.dangers import Danger
from models.words import CallId, Cause, Hearing, Language, Seat
from tests.fakes.line import with_exception_rule
from tests.fakes.told import EVERY_PHASE, ROBIN, WREN, talking

ENGLISH = Language("en")
PROFILE = with_exception_rule(Danger.MEDICAL)
FROM_THE_CALLER = (h.CallerPressed, h.CallerWasQuiet, h.CallerCameBack, h.CallerPressedStaffKey)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, and what came of it."""

    before: Call
    happening: h.Happening
    at: datetime
    after: Call
    orders: tuple[o.Order, ...]

    def of(self, kind: type[Any]) -> list[Any]:
        return [order for order in self.orders if isinstance(order, kind)]

    def caller_hears(self, orders: tuple[o.Order, ...] | None = None) -> set[str]:
        mine = self.orders if orders is None else orders
        spoken = [one for one in mine if isinstance(one, o.Say) or _to_caller(one)]
        return {line.prompt for one in spoken for line in one.lines}


History = list[Moment]


def _to_caller(order: o.Order) -> bool:
    return isinstance(order, o.Whisper) and order.side is o.Side.CALLER


def _presses_0(one: Moment) -> bool:
    match one.happening:
        case h.CallerPressedStaffKey() | h.CallerPressed("0") | h.CallerCameBack(h.Dialled.KEY_0):
            return True
        case h.LineIsBack(h.Dialled.KEY_0):
            return one.before.phase is Phase.WAITING
        case _:
            return False


def _is_on_the_way(one: Moment) -> bool:
    """0 where we spoke last, while the caller was being sent to the Listener."""
    talking = one.before.phase is Phase.TALKING and not one.before.aside
    return talking and one.happening == h.CallerPressed("0")


listeners = st.sampled_from([ROBIN, WREN])
seats = st.sampled_from(list(Seat))
keys = st.sampled_from("012*5#")
star_keys = st.sampled_from("*12345")

# What happens most in a call is drawn most, so that most histories go deep.
one_thing = st.one_of(
    st.just(h.CallerWasQuiet()),
    st.just(h.CallerWasQuiet()),
    keys.map(h.CallerPressed),
    keys.map(h.CallerSignalled),
    st.builds(h.ListenerJoined, listeners, seats),
    st.builds(h.ListenerPressed, listeners, star_keys),
    listeners.map(h.ListenerLeft),
    st.builds(h.CallerCameBack, st.sampled_from([None, *h.Dialled])),
    st.sampled_from([h.CallerPressedStaffKey(), h.MoreAreRung(), h.HearingLost(), h.FellBehind()]),
    st.builds(h.LineIsBack, st.sampled_from([None, *h.Dialled])),
    st.just(h.HearingMayStart()),
    seats.map(h.NobodyCame),
    st.sampled_from(list(Danger)).map(h.DangerHeard),
    st.sampled_from([h.StaffAcknowledged(), h.CallerDialled(), h.CallerHungUp()]),
    st.builds(h.Decided, st.just(Cause.PERSON_AT_RISK), told=st.booleans(), by_somebody=st.booleans()),
    listeners.map(h.ListenerWasQuiet),
)
# A Listener's whole star key at once, which single keys seldom make.
star_key = st.builds(
    lambda listener, keys: [h.ListenerPressed(listener, key) for key in keys],
    listeners,
    st.tuples(st.just("*"), star_keys, star_keys),
)
several_things = st.lists(st.one_of(one_thing.map(lambda one: [one]), star_key), min_size=5, max_size=15).map(
    lambda lists: [one for some in lists for one in some]
)
# Every phase is a beginning, or the later ones would hardly ever be reached.
openings = st.sampled_from(
    [
        *(way().happened for way in EVERY_PHASE.values()),
        talking(listening=True).happened,
        talking().after(h.CallerPressedStaffKey(), h.ListenerLeft(ROBIN)).happened,
    ]
)
modes = st.sampled_from(list(Hearing))
pauses = st.sampled_from([0, 1, 19, 21])


@st.composite
def histories(draw: st.DrawFn) -> History:
    codes = tuple(Language(code) for code in draw(st.sampled_from([("en",), ("en",), ("en", "cy", "pl")])))
    call = new_call(CallId("call-1"), Rules(PROFILE, draw(modes), frozenset({ENGLISH}), codes, codes[0]))
    now = NOON
    history = []
    for drawn in [*draw(openings), *draw(several_things)]:
        now += timedelta(seconds=draw(pauses))
        # Time passes after a caller has agreed, as the line's own clock says.
        had = call.agreed_at if call.agreed_at and draw(st.booleans()) else None
        happening = h.CallerHadTheirSay(had) if had else drawn
        after, orders = step(call, happening, now)
        history.append(Moment(call, happening, now, after, orders))
        call = after
    return history


# ---- what always holds


def a_call_that_has_ended_stays_ended(history: History) -> None:
    for one in history:
        if one.before.phase is Phase.ENDED:
            assert one.after == one.before
            assert one.orders == ()
        assert (one.after.phase is Phase.ENDED) == (
            one.before.phase is Phase.ENDED or isinstance(one.happening, h.CallerHungUp)
        )


def only_a_confirmed_star_key_tells_staff_for_a_listener(history: History) -> None:
    pressed: dict[str, list[tuple[str, datetime]]] = {ROBIN: [], WREN: []}
    for one in history:
        if isinstance(one.happening, h.ListenerPressed):
            pressed[one.happening.listener].append((one.happening.key, one.at))
        for escalate in one.of(o.Escalate):
            if escalate.cause in DANGERS.values():
                assert isinstance(one.happening, h.ListenerPressed)
                (star, _), (asked, asked_at), (confirmed, at) = pressed[one.happening.listener][-3:]
                assert star + asked == "*3"
                assert DANGERS[confirmed] is escalate.cause
                assert at - asked_at <= ASKED_FOR
            if escalate.cause is Cause.CALLER_AGREED:
                assert any("*21" in "".join(key for key, _ in keys) for keys in pressed.values())
                assert isinstance(one.happening, h.CallerHadTheirSay | h.CallerHungUp)


def an_agreement_stands_on_paper_for_as_long_as_it_can_be_taken_back(history: History) -> None:
    stands = False
    for one in history:
        for note in one.of(o.NoteAgreement):
            stands = note.stands
        assert stands == (one.after.agreed_at is not None)


def whoever_says_no_in_time_is_not_told_of(history: History) -> None:
    """From the agreement on, 2 of the caller takes it back, and nothing that was agreed to before is told."""
    for one in history:
        if one.before.agreed_at and one.after.agreed_at is None:
            told = Cause.CALLER_AGREED in {escalate.cause for escalate in one.of(o.Escalate)}
            said_no = isinstance(one.happening, h.CallerSignalled | h.CallerPressed) and one.happening.key == "2"
            assert told != said_no
        elif not one.before.agreed_at:
            assert Cause.CALLER_AGREED not in {escalate.cause for escalate in one.of(o.Escalate)}


def every_0_is_asked_about_or_calls_staff(history: History) -> None:
    for one in history:
        if _presses_0(one) and one.before.phase is not Phase.ENDED:
            assert one.after.staff_key or Cause.CALLER_ASKED in {escalate.cause for escalate in one.of(o.Escalate)}


def a_0_waits_until_it_calls_staff_or_is_taken_back(history: History) -> None:
    """Nothing that comes in between loses it (docs/decisions/0005)."""
    for one in history:
        if one.before.staff_key and not one.after.staff_key:
            said_no = isinstance(one.happening, h.CallerPressed) and one.happening.key == "2"
            assert bool(one.of(o.Escalate)) != said_no


def a_danger_that_was_being_named_is_told_when_the_listener_is_cut_off(history: History) -> None:
    for one in history:
        if one.before.danger_left_open:
            told = Cause.LINE_LOST in {escalate.cause for escalate in one.of(o.Escalate)}
            assert one.after.danger_left_open != told


def a_danger_does_not_wait_for_what_is_said_of_a_0(history: History) -> None:
    for one in history:
        assert not (one.after.danger_left_open and one.after.staff_key)


def the_caller_is_told_before_staff(history: History) -> None:
    heard: set[str] = set()
    for one in history:
        for place, order in enumerate(one.orders):
            if isinstance(order, o.Escalate):
                before = {
                    # Not to be taken back any more where the caller is with the Listener.
                    Cause.CALLER_ASKED: (
                        "caller/staff-are-told-you-asked" if _is_on_the_way(one) else "staff-key/going"
                    ),
                    Cause.VISIT_ASKED: "wait/visit",
                    Cause.CALLER_AGREED: "caller/staff-are-told-you-agreed",
                    Cause.DANGER_NOW: "caller/staff-are-told-life",
                    Cause.EXCEPTION_RULE: "caller/staff-are-told-rule",
                    Cause.REFUSES: "caller/staff-are-told-against",
                    Cause.OTHER_IN_CELL: "caller/staff-are-told-other",
                    Cause.PERSON_AT_RISK: "caller/a-samaritan-is-asked",
                    # Said with the next words, for which staff wait; or the caller is gone as well.
                    Cause.LINE_LOST: "caller/staff-are-told-line-lost",
                }[order.cause]
                now = one.caller_hears() if order.cause is Cause.LINE_LOST else one.caller_hears(one.orders[:place])
                gone = order.cause is Cause.LINE_LOST and isinstance(one.happening, h.CallerHungUp)
                assert gone or before in heard | now
                agreed = order.cause is Cause.CALLER_AGREED
                assert gone or agreed or any(prompt.startswith("caller/") for prompt in one.caller_hears())
        heard |= one.caller_hears()


def the_caller_hears_nothing_that_is_meant_for_the_listener(history: History) -> None:
    for one in history:
        assert not any(prompt.startswith(("flag/", "key/", "offer/", "staff/")) for prompt in one.caller_hears())


def the_caller_is_never_left_in_silence(history: History) -> None:
    for one in history:
        if isinstance(one.happening, FROM_THE_CALLER) and one.before.phase is not Phase.ENDED:
            assert one.of(o.Say) or one.of(o.LetGo) or (_is_on_the_way(one) and one.caller_hears())


def at_most_one_thing_is_said_at_a_time(history: History) -> None:
    """A Say drops the one before it."""
    assert all(len(one.of(o.Say) + one.of(o.LetGo)) <= 1 for one in history)


def the_machine_hears_only_after_a_yes(history: History) -> None:
    said_yes = False
    for one in history:
        if one.before.phase is Phase.NOTICE and one.after.phase is not Phase.NOTICE:
            key = one.happening.key if isinstance(one.happening, h.CallerPressed) else ""
            may = {Hearing.OFF: False, Hearing.ASK: key == "1", Hearing.OPT_OUT: key != "2"}[one.before.rules.hearing]
            said_yes = may and one.before.language == ENGLISH
        assert not one.of(o.StartHearing) or said_yes


def the_machine_stops_hearing_when_the_conversation_ends(history: History) -> None:
    for one in history:
        if one.before.phase is Phase.TALKING and one.after.phase is not Phase.TALKING:
            assert one.of(o.StopHearing)


def there_are_listeners_exactly_in_a_conversation(history: History) -> None:
    for one in history:
        assert bool(one.after.listeners) == (one.after.phase is Phase.TALKING)
        assert len(set(one.after.listeners)) == len(one.after.listeners)


def waiting_ends_when_nobody_comes(history: History) -> None:
    for one in history:
        if one.before.phase is Phase.WAITING and one.happening == h.NobodyCame(Seat.FIRST):
            assert one.after.phase is Phase.OUTSIDE


def who_joins_is_heard_or_sent_away(history: History) -> None:
    for one in history:
        if isinstance(one.happening, h.ListenerJoined) and one.before.phase is not Phase.ENDED:
            taken = one.happening.listener in one.after.listeners
            assert taken or one.orders == (o.SendAway(one.happening.listener),)


ALWAYS = [
    a_call_that_has_ended_stays_ended,
    only_a_confirmed_star_key_tells_staff_for_a_listener,
    an_agreement_stands_on_paper_for_as_long_as_it_can_be_taken_back,
    whoever_says_no_in_time_is_not_told_of,
    every_0_is_asked_about_or_calls_staff,
    a_0_waits_until_it_calls_staff_or_is_taken_back,
    a_danger_that_was_being_named_is_told_when_the_listener_is_cut_off,
    a_danger_does_not_wait_for_what_is_said_of_a_0,
    the_caller_is_told_before_staff,
    the_caller_hears_nothing_that_is_meant_for_the_listener,
    the_caller_is_never_left_in_silence,
    at_most_one_thing_is_said_at_a_time,
    the_machine_hears_only_after_a_yes,
    the_machine_stops_hearing_when_the_conversation_ends,
    there_are_listeners_exactly_in_a_conversation,
    waiting_ends_when_nobody_comes,
    who_joins_is_heard_or_sent_away,
]


@pytest.mark.parametrize("promise", ALWAYS, ids=lambda promise: promise.__name__)
def test_always(promise: Callable[[History], None]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(histories())
    def whatever_happens(history: History) -> None:
        promise(history)

    whatever_happens()
