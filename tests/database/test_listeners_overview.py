"""What the coordinator sees of a Listener, and what not."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from builders import NOON, SITE, a_call, a_listener, a_shift_row, a_small_prison, a_welfare, local
from sqlalchemy.orm import Session

from listeners.journey_store import Change, change_standing
from listeners.overview import Load, Overview, overview
from listeners.tags import Tag, set_tags, tags_of
from models import tables
from models.database import Database
from models.errors import UnknownName
from models.words import ListenerId, Restriction, SiteId, Standing, StandingReason

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROBIN = ListenerId("listener-robin")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        yield session


def seen(session: Session, code_name: str | None = None) -> list[Overview]:
    return list(overview(session, SiteId(SITE), code_name, now=NOON, rules=a_welfare()))


def a_talk(session: Session, ago: timedelta, lasting: timedelta) -> None:
    call = f"{ago.total_seconds():.0f}"
    session.add(a_call(call))
    session.flush()
    began = NOON - ago
    facts = {"call_id": f"call-{call}", "listener_id": ROBIN, "seat": "first"}
    session.add(tables.Talk(id=f"talk-{call}", began_at=began, ended_at=began + lasting, **facts))
    session.flush()


def test_every_listener_is_shown_or_the_one_who_is_named(session: Session) -> None:
    assert [one.code_name for one in seen(session)] == ["robin", "wren"]
    assert [one.code_name for one in seen(session, "ROBIN")] == ["robin"]


def test_an_unknown_name_is_said(session: Session) -> None:
    with pytest.raises(UnknownName, match="no Listener called 'kite'"):
        seen(session, "kite")


def test_the_standing_has_its_day_and_its_history(session: Session) -> None:
    change = Change(became=Standing.SUSPENDED, why=StandingReason.WELFARE, who="ann", at=NOON - DAY)
    change_standing(session, ROBIN, change, a_welfare())

    (robin,) = seen(session, "robin")
    assert (robin.so_far.standing, robin.since, robin.following) == (Standing.SUSPENDED, NOON - DAY, None)
    assert [one.why for one in robin.history] == [StandingReason.WELFARE]


def test_minutes_and_nights_are_counted_over_7_and_28_days(session: Session) -> None:
    a_talk(session, 2 * DAY, HOUR)
    a_talk(session, 20 * DAY, HOUR)
    a_talk(session, 40 * DAY, HOUR)
    for day in (date(2026, 3, 7), date(2026, 2, 20), date(2026, 1, 20), date(2026, 3, 20)):
        session.add(a_shift_row(starts_at=local(day, "22:00"), ends_at=local(day + DAY, "02:00")))
    session.flush()

    (robin,) = seen(session, "robin")
    assert (robin.days_7, robin.days_28) == (Load(60, 1), Load(120, 2))


@pytest.mark.parametrize(("until", "rests"), [(NOON + HOUR, True), (NOON, False)])
def test_a_rest_that_is_over_is_not_shown(session: Session, until: object, *, rests: bool) -> None:
    session.add(a_listener("kite", resting_until=until))
    session.flush()

    (kite,) = seen(session, "kite")
    assert (kite.resting_until == until) is rests


def test_of_keeping_apart_only_that_there_is_a_rule_is_shown_on_both_sides(session: Session) -> None:
    session.add(a_listener("kite"))
    session.flush()
    rule = {"id": "apart-1", "restriction": Restriction.WING.value, "other": "f" * 64}
    session.add(tables.KeepApart(listener_id=ROBIN, other_listener_id="listener-wren", **rule))
    session.flush()

    assert [(one.code_name, one.kept_apart) for one in seen(session)] == [
        ("kite", False),
        ("robin", True),
        ("wren", True),
    ]


def test_tags_are_kept_and_not_shown(session: Session) -> None:
    set_tags(session, ROBIN, [Tag.VETERAN, Tag.LIFER, Tag.VETERAN])

    assert tags_of(session, ROBIN) == {Tag.VETERAN, Tag.LIFER}
    assert "veteran" not in str(asdict(seen(session, "robin")[0]))


def test_who_has_left_is_not_warned_of_their_certificate(session: Session) -> None:
    session.add(a_listener("kite", certified_until=NOON + DAY, standing=Standing.LEFT.value))
    session.add(a_listener("tern", certified_until=NOON + DAY))
    session.flush()

    assert [(len(seen(session, name)[0].warnings)) for name in ("kite", "tern")] == [0, 1]
