"""Drafts and what is published, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON, a_shift_row
from rota_world import ANN, FIRST, NOW, PRISON, a_draft, a_prison, a_published_rota, the_problem
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from console.rota.store import names_of
from listeners.apart import Pair
from listeners.apart_store import import_rules
from listeners.movements_store import settle
from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import Cover, ListenerId, MovementKind, Restriction, Standing, WingId
from rota import site_rota, swaps
from rota.answers import answer_to, rota_in_words
from rota.exports import as_csv, sheet
from rota.rules import Rule
from rota.site_rota import RotaBreaksRules
from rota.stand_ins import Reason, stand_ins
from rota.why_not import unfilled

TEAM = ("heron", "kestrel", "owl", "robin", "wren")
HOUR = timedelta(hours=1)


def shifts(session: Session) -> list[tables.Shift]:
    return list(session.scalars(select(tables.Shift).order_by(tables.Shift.starts_at, tables.Shift.listener_id)))


def test_nobody_is_on_duty_by_a_draft(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        a_draft(session)

        assert shifts(session) == []


def test_a_published_rota_is_what_the_solver_made(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)

        assert {(row.slot, row.listener_id, row.cover) for row in shifts(session)} == {
            (one.slot, one.listener, one.cover.value) for one in draft.assigned
        }
        assert the_problem(session).published == frozenset(draft.assigned)


def test_a_rota_that_is_published_again_unchanged_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        first = a_published_rota(session)
        before = [(row.id, row.listener_id) for row in shifts(session)]
        again = site_rota.keep_draft(session, PRISON, the_problem(session), first.assigned, ANN)

        draft = site_rota.draft(session, PRISON, again)
        assert site_rota.publish(session, PRISON, the_problem(session), draft, ANN) == 0
        assert [(row.id, row.listener_id) for row in shifts(session)] == before


def test_publishing_leaves_what_a_coordinator_wrote_by_hand(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        begins = NOW + timedelta(days=2)
        session.add(a_shift_row("owl", id="by-hand", starts_at=begins, ends_at=begins + 2 * HOUR))
        session.flush()
        a_published_rota(session)

        assert "by-hand" in {row.id for row in shifts(session)}


def test_a_duty_by_hand_counts_for_rest(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        problem = the_problem(session, 1)
        (slot,) = problem.slots
        session.add(a_shift_row("owl", starts_at=slot.starts_at - 3 * HOUR, ends_at=slot.starts_at - HOUR))
        session.flush()

        (gap,) = unfilled(the_problem(session, 1), [])
        assert gap.in_the_way == {Rule.REST: ("listener-owl",)}


@pytest.mark.parametrize(
    "change",
    [{"standing": Standing.SUSPENDED.value}, {"certified_until": NOW}, {"phone_id": None}],
    ids=["suspended", "expired", "no phone"],
)
def test_publishing_is_refused_when_somebody_on_it_may_not_be_on_duty(
    database: Database, change: dict[str, object]
) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_draft(session)
        session.execute(update(tables.Listener).where(tables.Listener.id == "listener-owl").values(**change))
        session.expire_all()

        with pytest.raises(RotaBreaksRules, match="owl"):
            site_rota.publish(session, PRISON, the_problem(session), draft, ANN)
        assert shifts(session) == []


def test_publishing_is_refused_to_two_who_are_kept_apart_and_of_them_one_is_named(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_draft(session)
        night = draft.assigned[0].slot
        one, other = sorted(each.listener for each in draft.assigned if each.slot == night)
        session.add(
            tables.KeepApart(id="apart", listener_id=one, other_listener_id=other, restriction="CELL", other="x")
        )
        session.flush()

        with pytest.raises(RotaBreaksRules) as refused:
            site_rota.publish(session, PRISON, the_problem(session), draft, ANN)
        named, hidden = (who.removeprefix("listener-") for who in (one, other))
        (line,) = [line for line in str(refused.value).splitlines() if night in line]
        assert line == f"  {night}: {named} (not possible)"
        assert hidden not in line
        assert shifts(session) == []


def named(session: Session, days: int = 7) -> set[str]:
    """Who could not be given their shift any more, as a coordinator learns it."""
    return {one.listener for _slot, one in site_rota.broken_now(the_problem(session, days), now=NOW)}


def test_a_keep_apart_rule_that_comes_after_a_rota_was_published_names_one_of_the_two(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "robin", "wren")
        a_published_rota(session, 3)
        assert named(session, 3) == set()
        pair = Pair(
            listener=ListenerId("listener-wren"),
            restriction=Restriction.WING,
            other_listener=ListenerId("listener-robin"),
        )
        import_rules(session, PRISON, [pair], b"key")
        settle(session, PRISON, NOW)

        found = site_rota.broken_now(the_problem(session, 3), now=NOW)
        assert [(slot.id, one.rule, one.listener) for slot, one in found] == [
            (f"night {FIRST + timedelta(days=night)}", Rule.KEPT_APART, "listener-robin") for night in range(3)
        ]


def test_it_names_the_same_one_whichever_days_are_looked_at(database: Database) -> None:
    """What is on outside of them goes by an id that is drawn, and must not decide who is named."""
    with database.transaction() as session:
        a_prison(session, "robin", "wren")
        a_published_rota(session, 3)
        session.add(
            tables.KeepApart(
                id="apart",
                listener_id="listener-wren",
                other_listener_id="listener-robin",
                restriction="WING",
                other="x",
            )
        )
        session.execute(update(tables.Shift).where(tables.Shift.listener_id == "listener-robin").values(slot=None))
        session.flush()

        assert [named(session, days) for days in (1, 2, 3, 7)] == [{"listener-robin"}] * 4


def test_what_breaks_a_rule_is_said_until_its_shift_is_over(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        a_published_rota(session, 1)
        session.execute(update(tables.Listener).values(certified_until=NOW))
        problem = the_problem(session, 1)
        (slot,) = problem.slots

        assert [one.rule for _slot, one in site_rota.broken_now(problem, now=slot.starts_at)] == [Rule.NOT_CERTIFIED]
        assert site_rota.broken_now(problem, now=slot.ends_at) == ()


def test_publishing_is_refused_when_a_listener_is_not_known_any_more(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_draft(session)
        left = {"standing": Standing.LEFT.value}
        session.execute(update(tables.Listener).where(tables.Listener.id == "listener-owl").values(left))

        with pytest.raises(NotAllowed, match="generate it again"):
            site_rota.publish(session, PRISON, the_problem(session), draft, ANN)


def test_what_a_draft_would_break_cannot_be_said_of_a_listener_who_is_not_known_any_more(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_draft(session)
        left = {"standing": Standing.LEFT.value}
        session.execute(update(tables.Listener).where(tables.Listener.id == "listener-owl").values(left))

        with pytest.raises(NotAllowed, match="generate it again"):
            site_rota.refuse_strangers(the_problem(session), draft)


def test_a_movement_opens_gaps_and_stand_ins_are_named_for_them(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)
        mine = next(one for one in draft.assigned if one.listener == "listener-owl")
        session.add(
            tables.Movement(
                id="movement-1",
                listener_id="listener-owl",
                kind=MovementKind.TRANSFER.value,
                since=NOW,
                source="csv",
                recorded_at=NOW,
            )
        )
        session.flush()
        problem = the_problem(session)

        wrong = site_rota.what_is_broken(problem, problem.published)
        assert {one.rule for one in wrong} == {Rule.AWAY}
        without = [one for one in problem.published if one.listener != "listener-owl"]
        names = [one.listener for one in stand_ins(problem, without, problem.slot[mine.slot])]
        assert names
        assert "listener-owl" not in names


def test_stand_ins_with_the_fewest_minutes_come_first(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl", "wren")
        before = NOW - timedelta(days=3)
        session.add(a_shift_row("owl", starts_at=before, ends_at=before + 4 * HOUR))
        session.flush()
        problem = the_problem(session, 1)

        first, second = stand_ins(problem, [], problem.slots[0])
        assert (first.listener, first.minutes) == ("listener-wren", 0)
        assert Reason.FEW_MINUTES in first.reasons
        assert (second.listener, second.minutes) == ("listener-owl", 240)


def test_the_newest_draft_is_meant_when_none_is_named(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        problem = the_problem(session)
        site_rota.keep_draft(session, PRISON, problem, [], ANN)
        later = site_rota.keep_draft(session, PRISON, problem, [], replace(ANN, at=NOW + HOUR))

        assert site_rota.draft(session, PRISON).id == later


def test_without_a_draft_there_is_nothing_to_publish(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session)

        with pytest.raises(UnknownName, match="draft"):
            site_rota.draft(session, PRISON)


def test_a_draft_is_of_whole_local_days(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)

        draft = a_draft(session, 3)
        assert draft.until - draft.since == timedelta(days=3)
        assert draft.since.date() == FIRST


def test_no_listener_can_be_written_on_two_shifts_at_once(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl"))

    with pytest.raises(DatabaseError, match="no_two_shifts_at_once"), database.transaction() as session:
        session.add(a_shift_row("owl", Cover.BACKUP, starts_at=NOON + HOUR, ends_at=NOON + 3 * HOUR))


def test_no_shift_can_be_moved_onto_another_of_the_same_listener(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl"))
        session.add(a_shift_row("owl", id="later", starts_at=NOON + 2 * HOUR, ends_at=NOON + 3 * HOUR))

    with pytest.raises(DatabaseError, match="no_two_shifts_at_once"), database.transaction() as session:
        session.execute(update(tables.Shift).where(tables.Shift.id == "later").values(starts_at=NOON))


def test_of_many_who_write_the_same_listener_at_once_one_wins(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")

    def write(number: int) -> bool:
        try:
            with database.transaction() as session:
                session.add(a_shift_row("owl", id=f"shift-{number}", starts_at=NOON + number * HOUR / 100))
        except DatabaseError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(write, range(8)))
    assert sum(won) == 1


def test_publishing_is_refused_when_it_would_change_who_was_on_duty(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)
        problem = the_problem(session)
        first = min(draft.assigned, key=lambda one: problem.slot[one.slot].starts_at)
        without = site_rota.keep_draft(session, PRISON, problem, [one for one in draft.assigned if one != first], ANN)
        begun = replace(ANN, at=problem.slot[first.slot].starts_at)

        with pytest.raises(NotAllowed, match="has begun"):
            site_rota.publish(session, PRISON, problem, site_rota.draft(session, PRISON, without), begun)


def test_a_discarded_draft_cannot_be_published(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_draft(session)
        site_rota.discard(session, PRISON, draft.id)

        with pytest.raises(UnknownName, match="draft"):
            site_rota.draft(session, PRISON, draft.id)


def test_who_is_taken_off_leaves_an_empty_seat_and_no_swap(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        a_published_rota(session)
        shift = shifts(session)[0]
        swaps.ask(session, PRISON, shift.id, now=NOW)
        site_rota.take_off(session, PRISON, shift.id, now=NOW)

        assert shift.id not in {row.id for row in shifts(session)}
        assert swaps.open_swaps(session, PRISON, now=NOW) == ()


def test_a_published_shift_of_somebody_who_has_left_stops_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)
        slot = draft.assigned[0].slot
        left = {"standing": Standing.LEFT.value}
        who = draft.assigned[0].listener
        session.execute(update(tables.Listener).where(tables.Listener.id == who).values(left))
        problem = the_problem(session)

        assert stand_ins(problem, problem.published, problem.slot[slot]) != ()


def test_the_past_keeps_the_name_of_somebody_who_has_left(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)
        who = draft.assigned[0].listener
        name = who.removeprefix("listener-")
        left = {"standing": Standing.LEFT.value}
        session.execute(update(tables.Listener).where(tables.Listener.id == who).values(left))
        problem, names = the_problem(session), names_of(session, PRISON)
        published = sorted(problem.published)
        theirs = [one.slot for one in published if one.listener == who]

        said = answer_to(problem, published, names=names)
        assert [one["slot"] for one in said["assignments"] if one["listener"] == name] == theirs  # type: ignore[attr-defined]
        # Their seats were not empty then, and nobody is to be found for them now.
        assert said["unfilled"] == []
        assert name not in said["listeners"]  # type: ignore[operator]
        words = "\n".join(rota_in_words(problem, published, names=names))
        assert words.count(name) == len(theirs)
        assert "empty" not in words
        assert as_csv(problem, published, names).count(f",{name},") == len(theirs)
        assert name in sheet(problem, published, title="On duty", names=names)


def test_who_has_left_is_on_the_sheet_of_no_wing(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        draft = a_published_rota(session)
        who = draft.assigned[0].listener
        left = {"standing": Standing.LEFT.value}
        session.execute(update(tables.Listener).where(tables.Listener.id == who).values(left))
        problem, names = the_problem(session), names_of(session, PRISON)

        page = sheet(problem, sorted(problem.published), title="On duty", wing=WingId("A"), names=names)
        on_it = {name for name in TEAM if name in page}
        assert on_it == set(TEAM) - {who.removeprefix("listener-")}
