"""Off duty ends when the next shift begins, for everybody who asks: router, cover calls, board, and their own line."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import NOON, SITE, a_small_prison
from sqlalchemy.orm import Session

from console.board import LineNow, LineState, board_for
from console.ports import HearingNow
from console.store import facts_of
from ivr.cover_calls import may_be_rung
from ivr.own_store import duty_of
from listeners.store import candidates, change_duty, go_off_duty
from models.database import Database
from models.words import AccountRole, ListenerId, SiteId

HOUR = timedelta(hours=1)
HERE = SiteId(SITE)
ROBIN, WREN = ListenerId("listener-robin"), ListenerId("listener-wren")
LINE = LineNow(asterisk_up=True, hearing=HearingNow(listening=True))
# Their shift is from two hours before NOON until two hours after it.
THE_EVENING_BEFORE, THE_NIGHT, AFTER_IT = NOON - 20 * HOUR, NOON - 9 * HOUR, NOON + 5 * HOUR


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Robin and Wren have said that they are off duty in the shift before."""
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        for listener in (ROBIN, WREN):
            go_off_duty(session, listener, now=THE_EVENING_BEFORE)
        yield session


def line_on_the_board(session: Session) -> LineState:
    return board_for(AccountRole.STAFF, facts_of(session, HERE, NOON), LINE, NOON).statement.line


def test_the_board_says_that_the_line_works_when_the_next_shift_has_begun(session: Session) -> None:
    assert line_on_the_board(session) is LineState.WORKING


def test_the_board_says_so_when_all_of_this_shift_are_off_duty(session: Session) -> None:
    for listener in (ROBIN, WREN):
        go_off_duty(session, listener, now=NOON)

    assert line_on_the_board(session) is LineState.NOBODY_ON_DUTY


def test_between_two_shifts_they_stay_off_duty_and_after_the_next_they_may_be_asked_to_cover(session: Session) -> None:
    for moment, off in ((THE_NIGHT, True), (NOON, False), (AFTER_IT, False)):
        robin, _ = candidates(session, HERE, now=moment, unreachable=frozenset())

        assert (robin.off_duty, may_be_rung(robin, moment)) == (off, not off)
        assert duty_of(session, ROBIN, now=moment).off is off


def test_after_the_next_shift_the_key_takes_them_off_duty_again(session: Session) -> None:
    assert not change_duty(session, ROBIN, now=AFTER_IT)
    assert duty_of(session, ROBIN, now=AFTER_IT).off
    assert change_duty(session, ROBIN, now=AFTER_IT)
