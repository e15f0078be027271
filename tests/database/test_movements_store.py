"""What follows from a movement in the database: shifts, cells, phones, and who is away."""

from datetime import datetime, timedelta

import pytest
from builders import NOON, SITE, a_prison_of_cells, a_shift_row
from races import at_once
from rota_world import a_prison, a_published_rota
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from listeners.csv_file import BadFile
from listeners.movements import Movement, Source
from listeners.movements_store import Effect, Recorded, away_now, import_movements, record, record_all, settle
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.words import CellId, Cover, ListenerId, MovementKind, SiteId, Standing

PRISON = SiteId(SITE)
HOUR = timedelta(hours=1)
ROBIN, WREN = ListenerId("listener-robin"), ListenerId("listener-wren")


def goes(who: ListenerId = ROBIN, kind: MovementKind = MovementKind.COURT, **changes: object) -> Movement:
    return Movement(**{"listener": who, "kind": kind, "since": NOON} | changes)  # type: ignore[arg-type]


def moves(to: str, who: ListenerId = ROBIN, since: datetime = NOON) -> Movement:
    return goes(who, MovementKind.CELL_MOVE, since=since, cell=CellId(f"cell-{to}"))


def told(session: Session, movement: Movement, now: datetime = NOON) -> Effect:
    return record(session, PRISON, movement, source=Source.CONSOLE, now=now)


def told_all(session: Session, *movements: Movement) -> Recorded:
    return record_all(session, PRISON, movements, source=Source.CSV, now=NOON)


def shifts(session: Session) -> set[str]:
    return set(session.scalars(select(tables.Shift.id)))


def homes(session: Session) -> dict[str, tuple[str, str | None]]:
    """Wing and phone of each, without the words before them."""
    rows = session.execute(select(tables.Listener.code_name, tables.Listener.wing_id, tables.Listener.phone_id))
    return {name: (wing.removeprefix("wing-"), phone and phone.removeprefix("phone-")) for name, wing, phone in rows}


def listeners_phones(session: Session) -> set[str]:
    return set(session.scalars(select(tables.Phone.cell_id).where(tables.Phone.kind == "listener")))


def rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(tables.Movement)) or 0


# ---- shifts


def test_every_shift_that_the_absence_touches_is_freed(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        for name, begins, ends in (("over", -9, -5), ("now", -4, 3), ("begins-in", 4, 9), ("after", 10, 12)):
            hours = {"starts_at": NOON + begins * HOUR, "ends_at": NOON + ends * HOUR}
            session.add(a_shift_row("robin", id=name, **hours))
            session.flush()

        told(session, goes(since=NOON - 8 * HOUR, until=NOON + 5 * HOUR))
        assert shifts(session) == {"over", "after"}


def test_what_was_freed_is_said_with_slot_cover_and_times(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        session.add(a_shift_row("robin", Cover.BACKUP, id="mine", slot="night 2026-03-10"))
        session.flush()

        (freed,) = told(session, goes()).freed
        assert (freed.id, freed.listener, freed.slot, freed.cover) == (
            "mine",
            ROBIN,
            "night 2026-03-10",
            Cover.BACKUP,
        )
        assert (freed.starts_at, freed.ends_at) == (NOON - 2 * HOUR, NOON + 2 * HOUR)


def test_others_shifts_stay(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        session.add(a_shift_row("wren", id="hers"))
        session.flush()

        assert told(session, goes()).freed == ()
        assert shifts(session) == {"hers"}


def test_an_absence_that_is_over_frees_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        session.add(a_shift_row("robin", id="mine"))
        session.flush()

        assert told(session, goes(since=NOON - HOUR, until=NOON)).freed == ()
        assert shifts(session) == {"mine"}


def test_who_has_returned_keeps_the_shifts_that_they_were_given_since(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, goes(since=NOON - 3 * HOUR))
        told(session, goes(kind=MovementKind.RETURNED, since=NOON - HOUR))
        session.add(a_shift_row("robin", id="mine"))
        session.flush()

        assert settle(session, PRISON, NOON) == Effect()
        assert shifts(session) == {"mine"}


def test_a_swap_goes_with_the_shift_that_is_freed(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        session.add(a_shift_row("robin", id="mine"))
        session.flush()
        session.add(tables.Swap(id="swap", shift_id="mine", asked_by=ROBIN, asked_at=NOON))
        session.flush()

        told(session, goes())
        session.expire_all()
        assert session.get(tables.Swap, "swap") is None


def test_a_release_that_is_known_ahead_frees_what_is_published_after_it(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "heron", "kestrel", "owl", "robin", "wren")
        draft = a_published_rota(session)
        (last,) = [one for one in draft.assigned if one.slot == "night 2026-03-22" and one.cover is Cover.FIRST]

        effect = told(session, goes(last.listener, MovementKind.RELEASE, since=NOON + timedelta(days=12)))
        assert [one.slot for one in effect.freed] == ["night 2026-03-22"]


def test_a_shift_that_was_written_over_an_absence_is_freed_by_the_next_look(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, goes())
        session.add(a_shift_row("robin", id="file-1"))
        session.flush()

        effect = settle(session, PRISON, NOON)
        assert [one.id for one in effect.freed] == ["file-1"]
        assert settle(session, PRISON, NOON) == Effect()


# ---- the same movement again


def test_the_same_movement_from_the_same_source_is_one_row(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        first = told_all(session, goes(), goes())
        again = told_all(session, goes())

        assert rows(session) == 1
        assert (first.new, again.new, again.changed) == (1, 0, 0)


def test_told_again_with_another_end_it_is_the_same_row(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told_all(session, goes())
        again = told_all(session, goes(until=NOON + HOUR))

        assert rows(session) == 1
        assert again.changed == 1
        assert away_now(session, PRISON, NOON + HOUR) == frozenset()


def test_two_sources_are_two_rows_that_mean_the_same(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, goes())
        told_all(session, goes())

        assert rows(session) == 2
        assert away_now(session, PRISON, NOON) == {ROBIN}


def test_of_many_who_tell_the_same_at_once_one_row_remains(database: Database) -> None:
    database.do(lambda session: a_prison_of_cells(session, robin="A1"))
    at_once(database, [lambda session: told(session, goes())] * 6)

    assert database.do(rows) == 1


# ---- who is away


def test_away_is_who_is_away_at_this_site_now(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        told(session, goes(WREN, since=NOON + HOUR))
        told(session, goes())

        assert away_now(session, PRISON, NOON) == {ROBIN}
        assert away_now(session, PRISON, NOON + HOUR) == {ROBIN, WREN}
        assert away_now(session, SiteId("another"), NOON) == frozenset()


def test_who_was_back_from_court_before_it_was_over_is_still_on_constant_watch(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, goes(kind=MovementKind.CONSTANT_WATCH, since=NOON - 5 * HOUR))
        told(session, goes(since=NOON - 4 * HOUR, until=NOON))
        told(session, goes(kind=MovementKind.RETURNED, since=NOON - HOUR))

        # Also when the day at court is over.
        assert away_now(session, PRISON, NOON + HOUR) == {ROBIN}
        told(session, goes(kind=MovementKind.RETURNED, since=NOON + HOUR))
        assert away_now(session, PRISON, NOON + HOUR) == frozenset()


# ---- cells


def test_a_cell_move_changes_wing_phone_and_what_both_phones_may_dial(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        effect = told(session, moves("B3"))

        assert effect.moved == (ROBIN,)
        assert homes(session)["robin"] == ("B", "B3")
        assert listeners_phones(session) == {"cell-A2", "cell-B3"}


def test_a_cell_move_to_come_waits_for_its_time(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, moves("B3", since=NOON + HOUR))

        assert settle(session, PRISON, NOON + HOUR - timedelta(seconds=1)) == Effect()
        assert homes(session)["robin"] == ("A", "A1")
        assert settle(session, PRISON, NOON + HOUR).moved == (ROBIN,)
        assert homes(session)["robin"] == ("B", "B3")
        assert settle(session, PRISON, NOON + HOUR) == Effect()


def test_an_older_cell_move_that_is_told_late_does_not_move_them_back(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        told(session, moves("B3"))

        assert told(session, moves("B4", since=NOON - HOUR)).moved == ()
        assert homes(session)["robin"] == ("B", "B3")


def test_a_cell_where_another_listener_has_the_phone_is_refused_by_name(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        with pytest.raises(NotAllowed, match="wren has the phone of this cell; record first where wren went"):
            told(session, moves("A2"))

        assert rows(session) == 0
        assert homes(session) == {"robin": ("A", "A1"), "wren": ("A", "A2")}


def test_two_listeners_change_places_in_one_file(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        done = told_all(session, moves("B2"), moves("A1", WREN))

        assert done.refused == {}
        assert homes(session) == {"robin": ("B", "B2"), "wren": ("A", "A1")}
        assert listeners_phones(session) == {"cell-A1", "cell-B2"}


def test_who_is_released_gives_the_phone_up_to_the_next_listener(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        told(session, goes(WREN, MovementKind.RELEASE))
        told(session, moves("B2"))

        assert homes(session) == {"robin": ("B", "B2"), "wren": ("B", None)}
        assert listeners_phones(session) == {"cell-B2"}


def test_who_has_left_the_scheme_gives_the_phone_up_too(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        left = update(tables.Listener).where(tables.Listener.id == WREN).values(standing=Standing.LEFT.value)
        session.execute(left)

        assert told(session, moves("B2")).moved == (ROBIN,)


def test_who_must_wait_for_a_cell_is_named_and_moves_when_it_is_free(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="B2")
        told_all(session, moves("B2", since=NOON + HOUR), moves("B3", WREN, since=NOON + HOUR))
        # What was known ahead is not what comes: another is in her cell, for whoever wrote it did not ask us.
        move = tables.Movement.listener_id == WREN
        session.execute(update(tables.Movement).where(move).values(since=NOON + 2 * HOUR))

        assert settle(session, PRISON, NOON + HOUR).stuck == (ROBIN,)
        assert homes(session)["robin"] == ("A", "A1")
        assert settle(session, PRISON, NOON + 2 * HOUR).moved == (ROBIN, WREN)


@pytest.mark.parametrize(
    ("movement", "why"),
    [
        (goes(ListenerId("listener-kite")), "no such Listener"),
        (moves("Z9"), "no such cell"),
        (goes(kind=MovementKind.CELL_MOVE), "needs the cell"),
        (goes(until=NOON - HOUR), "later than since"),
    ],
)
def test_what_cannot_be_is_refused_with_words(database: Database, movement: Movement, why: str) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")

        with pytest.raises(NotAllowed, match=why):
            told(session, movement)
        assert rows(session) == 0


def test_a_cell_without_a_phone_is_refused(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")
        session.execute(update(tables.Phone).where(tables.Phone.id == "phone-B4").values(cell_id=None))

        with pytest.raises(NotAllowed, match="no phone yet"):
            told(session, moves("B4"))


# ---- a file


FILE = """code_name,kind,since,until,cell
robin,court,2026-03-10T12:00,2026-03-10T17:00,
kite,court,2026-03-10T12:00,,
wren,cell_move,2026-03-10T11:00,,A-1-001
wren,cell_move,2026-03-10T11:30,,B-1-003
"""


def test_right_rows_of_a_file_are_taken_and_wrong_ones_named(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        found = import_movements(session, PRISON, FILE, now=NOON)

        assert (found.right, found.new) == (3, 3)
        assert [one.row for one in found.wrong] == [3]
        assert homes(session)["wren"] == ("B", "B3")


def test_a_file_that_is_imported_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        import_movements(session, PRISON, FILE, now=NOON)
        again = import_movements(session, PRISON, FILE, now=NOON + HOUR)

        assert (again.right, again.new, again.changed, again.effect) == (3, 0, 0, Effect())
        assert rows(session) == 3


def test_a_refused_cell_move_is_a_wrong_row_by_its_number(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        text = "code_name,kind,since,cell\nkite,court,2026-03-10,\nrobin,cell_move,2026-03-10,A-1-002\n"

        found = import_movements(session, PRISON, text, now=NOON)
        assert [(one.row, one.advice[:24]) for one in found.wrong][1] == (3, "cell: wren has the phone")
        assert found.right == 0


def test_what_is_no_such_file_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1")

        with pytest.raises(BadFile):
            import_movements(session, PRISON, "no,such,file\n", now=NOON)
        assert rows(session) == 0
