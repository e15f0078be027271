"""A file of Listeners becomes rows: new ones, changed ones, and nothing of what is wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from builders import NOON, SITE, a_prison_of_cells, a_welfare
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from listeners.entry_store import Import
from listeners.import_store import Imported, import_listeners
from listeners.journey import Module, Trained
from listeners.journey_store import history_of, record_training
from listeners.movements import Movement, Source
from listeners.movements_store import record, settle
from models import tables
from models.database import Database
from models.words import ListenerId, MovementKind, PhoneKind, SiteId, Standing, StandingReason

DAY = timedelta(days=1)
HERE = SiteId(SITE)
ROBIN = ListenerId("listener-robin")
KESTREL = ListenerId(f"{SITE}-kestrel")
RULES = a_welfare(shadowed_calls=3, recurring_training_days=365)
HEADER = "code_name,cell,languages,standing,certified_from,certified_until,experienced,modules,shadowed,trained_on,why"
A_KESTREL = "Kestrel,A-1-003,en cy,certified,2026-01-01,2026-12-31,yes,,,,"
# As a_listener makes one.
A_ROBIN = "robin,A-1-001,en,certified,2025-11-30T12:00,2026-11-30T12:00,no,,,,"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_prison_of_cells(session, robin="A1", wren="A2")
        yield session


def take(session: Session, *rows: str, strict: bool = False, now: datetime = NOON) -> Imported:
    text = "\n".join([HEADER, *rows])
    return import_listeners(session, HERE, text, Import("ann", now, RULES), strict=strict)


def wrong(found: Imported) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in found.wrong]


def listener(session: Session, who: ListenerId) -> tables.Listener:
    return session.get_one(tables.Listener, who, populate_existing=True)


def cell_of(session: Session, who: ListenerId) -> str | None:
    query = select(tables.Phone.cell_id).join(tables.Listener, tables.Listener.phone_id == tables.Phone.id)
    return session.scalar(query.where(tables.Listener.id == who))


def test_a_new_listener_gets_a_row_a_phone_and_a_history(session: Session) -> None:
    found = take(session, A_KESTREL)

    assert (found.new, found.changed, found.same, found.phones, found.wrong) == (1, 0, 0, True, ())
    row = listener(session, KESTREL)
    assert (row.code_name, row.standing, row.languages, row.experienced) == ("Kestrel", "certified", ["en", "cy"], True)
    assert cell_of(session, KESTREL) == "cell-A3"
    assert session.get_one(tables.Phone, row.phone_id, populate_existing=True).kind == PhoneKind.LISTENER
    (begun,) = history_of(session, HERE)[KESTREL]
    assert (begun.who, begun.why, begun.was) == ("ann", StandingReason.ACCREDITED, None)


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    take(session, A_KESTREL, A_ROBIN)

    again = take(session, A_KESTREL, A_ROBIN, now=NOON + DAY)
    assert (again.new, again.changed, again.same, again.phones) == (0, 0, 2, False)
    assert len(history_of(session, HERE)[KESTREL]) == 1


def test_the_database_has_the_first_word_on_whoever_was_in_a_file(session: Session) -> None:
    take(session, A_ROBIN)

    (begun,) = history_of(session, HERE)[ROBIN]
    assert (begun.was, begun.became) == (None, Standing.CERTIFIED)


def test_good_rows_are_taken_although_others_are_wrong(session: Session) -> None:
    found = take(session, A_KESTREL, "Heron,A-1-004,english,applied,,,no,,,,")

    assert found.new == 1
    assert wrong(found) == [(3, "languages")]


def test_strict_takes_nothing_when_anything_is_wrong_and_names_all_of_it(session: Session) -> None:
    found = take(
        session, A_KESTREL, "Heron,A-1-004,english,applied,,,no,,,,", "Owl,A-1-001,en,applied,,,no,,,,", strict=True
    )

    assert (found.new, wrong(found)) == (0, [(3, "languages"), (4, "cell")])
    assert session.get(tables.Listener, KESTREL) is None
    assert session.scalar(select(func.count()).select_from(tables.StandingChange)) == 0


def test_strict_takes_all_when_nothing_is_wrong(session: Session) -> None:
    assert take(session, A_KESTREL, strict=True).new == 1


def test_a_cell_whose_phone_another_listener_has_is_refused(session: Session) -> None:
    found = take(session, A_KESTREL.replace("A-1-003", "A-1-001"))

    assert wrong(found) == [(2, "cell")]
    assert "robin has the phone of this cell" in found.wrong[0].advice


def test_the_cell_of_who_is_released_is_free_when_the_release_has_begun(session: Session) -> None:
    release = Movement(listener=ROBIN, kind=MovementKind.RELEASE, since=NOON + DAY)
    record(session, HERE, release, source=Source.API, now=NOON)
    a_kestrel = A_KESTREL.replace("A-1-003", "A-1-001")

    assert wrong(take(session, a_kestrel)) == [(2, "cell")]
    assert take(session, a_kestrel, now=NOON + DAY).new == 1
    assert cell_of(session, KESTREL) == "cell-A1"
    assert listener(session, ROBIN).phone_id is None


def test_of_two_new_ones_in_one_cell_the_first_is_taken(session: Session) -> None:
    found = take(session, A_KESTREL, A_KESTREL.replace("Kestrel", "Heron"))

    assert (found.new, wrong(found)) == (1, [(3, "cell")])


def test_two_listeners_may_change_places_in_one_file(session: Session) -> None:
    wren = A_ROBIN.replace("robin", "wren").replace("A-1-001", "A-1-002")
    take(session, A_ROBIN, wren)

    found = take(session, A_ROBIN.replace("A-1-001", "A-1-002"), wren.replace("A-1-002", "A-1-001"), now=NOON + DAY)
    assert (found.changed, found.phones, found.wrong) == (2, True, ())
    assert (cell_of(session, ROBIN), cell_of(session, ListenerId("listener-wren"))) == ("cell-A2", "cell-A1")


def test_a_move_by_file_lasts_when_movements_are_settled(session: Session) -> None:
    take(session, A_ROBIN.replace("A-1-001", "B-1-001"))

    settle(session, HERE, NOON + DAY)
    assert cell_of(session, ROBIN) == "cell-B1"
    assert listener(session, ROBIN).wing_id == "wing-B"


def test_a_row_whose_move_is_refused_is_not_taken_at_all(session: Session) -> None:
    found = take(session, A_ROBIN.replace("A-1-001", "A-1-002").replace(",en,", ",cy,"))

    assert wrong(found) == [(2, "cell")]
    assert listener(session, ROBIN).languages == ["en"]
    assert cell_of(session, ROBIN) == "cell-A1"


def test_a_wrong_row_takes_the_ground_from_one_that_relied_on_it(session: Session) -> None:
    leaves_but_wrongly = A_ROBIN.replace("A-1-001", "A-1-004").replace("certified", "applied", 1)

    found = take(session, leaves_but_wrongly, A_KESTREL.replace("A-1-003", "A-1-001"))
    assert (found.new, wrong(found)) == (0, [(2, "standing"), (3, "cell")])


def test_a_standing_that_cannot_follow_is_refused_with_what_can(session: Session) -> None:
    found = take(session, A_ROBIN.replace("certified", "shadowing", 1))

    assert wrong(found) == [(2, "standing")]
    assert "from certified comes" in found.wrong[0].advice


def test_where_there_can_be_several_reasons_one_is_asked_for(session: Session) -> None:
    found = take(session, A_ROBIN.replace("certified", "suspended", 1))

    assert wrong(found) == [(2, "why")]
    assert found.wrong[0].advice.endswith("write own_wish or under_review or welfare")


def test_a_new_standing_is_kept_with_the_reason_that_the_row_gives(session: Session) -> None:
    found = take(session, A_ROBIN.replace("certified", "suspended", 1) + "welfare")

    assert (found.changed, found.wrong) == (1, ())
    (change,) = history_of(session, HERE)[ROBIN]
    assert (change.was, change.became, change.why) == (
        Standing.CERTIFIED,
        Standing.SUSPENDED,
        StandingReason.WELFARE,
    )


def test_the_way_can_be_gone_by_file(session: Session) -> None:
    take(session, "Kestrel,A-1-003,en,training,,,no,1 2 3,,,")
    lacking = take(session, "Kestrel,A-1-003,en,shadowing,,,no,4 5 6 7,,,")
    take(session, "Kestrel,A-1-003,en,shadowing,,,no,1 2 3 4 5 6 7 8,2,,")
    found = take(session, "Kestrel,A-1-003,en,certified,2026-03-01,2027-02-28,no,,3,,")

    assert wrong(lacking) == [(2, "standing")]
    assert "module_8" in lacking.wrong[0].advice
    assert found.wrong == ()
    assert [one.became for one in history_of(session, HERE)[KESTREL]] == ["training", "shadowing", "certified"]


def test_a_later_end_of_a_certificate_is_an_accreditation_and_an_earlier_one_a_correction(session: Session) -> None:
    take(session, A_KESTREL)
    take(session, A_KESTREL.replace("2026-12-31", "2027-12-31"))
    take(session, A_KESTREL.replace("2026-12-31", "2027-06-30"))

    assert [one.why for one in history_of(session, HERE)[KESTREL]] == ["accredited", "accredited_again"]
    until = listener(session, KESTREL).certified_until
    assert until is not None
    assert until.date().isoformat() == "2027-06-30"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Kestrel,A-1-003,en,certified,2024-01-01,,no,,,,", [(2, "trained_on")]),
        ("Kestrel,A-1-003,en,certified,2024-01-01,,no,,,2025-03-09,", [(2, "trained_on")]),
        ("Kestrel,A-1-003,en,certified,2024-01-01,,no,,,2025-03-11,", []),
        ("Kestrel,A-1-003,en,certified,2025-03-11,,no,,,,", []),
    ],
)
def test_nobody_is_taken_as_certified_who_would_lapse_within_the_hour(
    session: Session, row: str, said: list[tuple[int, str]]
) -> None:
    assert wrong(take(session, row)) == said


def test_a_refresher_that_is_known_is_not_asked_for_again(session: Session) -> None:
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON, NOON + 99 * DAY))

    assert take(session, A_ROBIN.replace("2025-11-30", "2024-01-01")).wrong == ()


def test_what_a_listener_has_said_of_themselves_stays_when_the_file_is_silent(session: Session) -> None:
    session.execute(update(tables.Listener).values(tags=["veteran"], weekly_minutes=300))

    take(session, A_ROBIN)
    row = listener(session, ROBIN)
    assert (row.tags, row.weekly_minutes) == (["veteran"], 300)


def test_somebody_who_has_left_is_not_taken_in(session: Session) -> None:
    found = take(session, "Kestrel,A-1-003,en,left,,,no,,,,")

    assert wrong(found) == [(2, "standing")]
    assert found.new == 0


def test_a_cell_without_a_phone_is_refused(session: Session) -> None:
    session.add(tables.Cell(id="cell-B9", wing_id="wing-B", location="B-1-009"))
    session.flush()

    found = take(session, A_KESTREL.replace("A-1-003", "B-1-009"))
    assert wrong(found) == [(2, "cell")]


def test_a_code_name_that_makes_too_long_an_id_is_refused(session: Session) -> None:
    assert wrong(take(session, A_KESTREL.replace("Kestrel", "K" * 40))) == [(2, "code_name")]


def test_code_names_that_make_the_same_id_are_refused(session: Session) -> None:
    found = take(session, A_KESTREL.replace("Kestrel", "Red Kite"), "Red-Kite,A-1-004,en,applied,,,no,,,,")

    assert (found.new, wrong(found)) == (1, [(3, "code_name")])


def test_what_was_tried_beside_a_wrong_row_is_forgotten_before_it_is_tried_again(session: Session) -> None:
    too_early = "Kestrel,A-1-003,en,left,,,no,,,,"

    found = take(session, A_ROBIN.replace("A-1-001", "B-1-001"), too_early)
    assert (found.changed, found.phones, wrong(found)) == (1, True, [(3, "standing")])
    assert cell_of(session, ROBIN) == "cell-B1"


def test_the_cell_of_somebody_who_has_left_is_free(session: Session) -> None:
    session.execute(update(tables.Listener).where(tables.Listener.id == ROBIN).values(standing=Standing.LEFT.value))

    assert take(session, A_KESTREL.replace("A-1-003", "A-1-001")).wrong == ()
    assert (cell_of(session, KESTREL), cell_of(session, ROBIN)) == ("cell-A1", None)


def test_who_has_left_moves_nowhere_whatever_cell_the_file_still_has(session: Session) -> None:
    has_left = A_ROBIN.replace("certified", "left", 1).replace("A-1-001", "A-1-004") + "released"

    assert take(session, has_left).wrong == ()
    assert session.scalar(select(func.count()).select_from(tables.Movement)) == 0
