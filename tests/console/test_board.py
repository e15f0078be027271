"""What the board is, from facts and a moment; and how it says the time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, a_shift

from console.board import Board, LineNow, LineState, ListenerState, board_for
from console.ports import HearingNow
from console.store import Facts, ListenerNow, LiveCall, LiveTalk
from console.wall_clock import WallClock
from models.words import AccountRole, CallId, CallStage, Cover, ListenerId, Seat

HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


def a_listener_now(name: str = "robin", **changes: object) -> ListenerNow:
    chosen: dict[str, object] = {
        "listener": ListenerId(name),
        "code_name": name.title(),
        "certified_from": NOON - 9 * HOUR,
        "certified_until": NOON + 99 * HOUR,
        "off_duty": False,
        "resting_until": None,
    }
    return ListenerNow(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def facts(**changes: object) -> Facts:
    nothing: dict[str, object] = {
        "calls": (),
        "talks": (),
        "ringing": frozenset(),
        "listeners": (a_listener_now(),),
        "shifts": (a_shift(),),
        "escalations": (),
    }
    return Facts(**nothing | changes)  # type: ignore[arg-type]  # a test changes what it likes


def board(known: Facts, *, asterisk_up: bool = True, now: datetime = NOON) -> Board:
    line = LineNow(asterisk_up=asterisk_up, hearing=HearingNow(listening=True))
    return board_for(AccountRole.COORDINATOR, known, line, now)


def states(shown: Board) -> dict[str, ListenerState]:
    return {name: group.state for group in shown.listeners for name in group.code_names}


def test_a_listener_on_the_rota_is_free() -> None:
    assert states(board(facts())) == {"Robin": ListenerState.FREE}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"off_duty": True}, ListenerState.OFF_DUTY),
        ({"resting_until": NOON + HOUR}, ListenerState.RESTING),
        ({"resting_until": NOON}, ListenerState.FREE),
    ],
)
def test_a_listener_who_may_not_be_rung_says_why(changes: dict[str, object], state: ListenerState) -> None:
    assert states(board(facts(listeners=(a_listener_now(**changes),)))) == {"Robin": state}


def test_a_listener_whose_certificate_ended_is_not_cover() -> None:
    shown = board(facts(listeners=(a_listener_now(certified_until=NOON),)))

    assert states(shown) == {}
    assert shown.statement.line is LineState.NOBODY_ON_DUTY


def test_a_listener_who_talks_past_the_shift_is_still_shown_but_is_not_cover() -> None:
    known = facts(
        calls=(LiveCall(CallId("one"), CallStage.TALKING, listening=True, waiting_since=NOON - HOUR),),
        talks=(LiveTalk(CallId("one"), ListenerId("robin"), Seat.FIRST, NOON),),
    )
    shown = board(known, now=NOON + 3 * HOUR)

    assert states(shown) == {"Robin": ListenerState.TALKING}
    assert (shown.cover.now.first, shown.talking[0].since) == (0, NOON)


def test_the_line_says_the_worst_that_is_true() -> None:
    assert board(facts()).statement.line is LineState.WORKING
    assert board(facts(ringing=frozenset({ListenerId("robin")}))).statement.line is LineState.NOBODY_FREE
    assert board(facts(shifts=())).statement.line is LineState.NOBODY_ON_DUTY
    assert board(facts(shifts=()), asterisk_up=False).statement.line is LineState.NO_TELEPHONES


def test_cover_names_the_next_change_and_the_gaps() -> None:
    both = (a_listener_now("robin"), a_listener_now("wren"))
    later = a_shift("wren", Cover.BACKUP, starts_at=NOON + HOUR, ends_at=NOON + 30 * HOUR)
    cover = board(facts(listeners=both, shifts=(a_shift("robin"), later))).cover

    assert (cover.until, cover.next and cover.next.code_names) == (NOON + HOUR, ("Robin", "Wren"))
    assert [(gap.starts_at, gap.ends_at, gap.fewest) for gap in cover.gaps] == [
        (None, NOON + HOUR, 1),
        (NOON + 2 * HOUR, None, 1),
    ]


def test_a_board_of_the_same_facts_stays_equal_while_time_passes() -> None:
    known = facts(calls=(LiveCall(CallId("one"), CallStage.WAITING, listening=False, waiting_since=NOON),))

    assert board(known) == board(known, now=NOON + timedelta(seconds=1))


def test_times_are_the_sites_own_across_midnight_and_the_end_of_summer() -> None:
    clock = WallClock(LONDON, datetime(2026, 10, 24, 22, 30, tzinfo=UTC))

    assert clock.at(datetime(2026, 10, 24, 22, 59, tzinfo=UTC)) == "23:59"
    assert clock.at(datetime(2026, 10, 24, 23, 0, tzinfo=UTC)) == "00:00 tomorrow"
    assert clock.at(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "01:30 tomorrow"
    assert clock.at(datetime(2026, 10, 23, 8, 5, tzinfo=UTC)) == "09:05 on 23 October"


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (3599, "59 min 59 s"), (3660, "1 h 01 min")]
)
def test_durations_are_short(seconds: int, said: str) -> None:
    assert WallClock(LONDON, NOON).ago(NOON - timedelta(seconds=seconds)) == said
