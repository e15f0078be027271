"""The site file is the first word on a prison, and not the last."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from builders import a_shift_row
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from listeners.movements import Movement, Source
from listeners.movements_store import record
from models import tables
from models.clock import now
from models.database import Database
from models.retention import forget_what_is_due
from models.words import (
    AbsenceKind,
    CellId,
    Cover,
    ListenerId,
    MovementKind,
    PhoneKind,
    RotaState,
    Standing,
    StandingReason,
)
from rota import own_shifts, site_rota, swaps
from rota.leave import take_leave
from rota.person import Span
from wingline.site import SiteFile, read_site
from wingline.site_rows import apply_site

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "site-example.toml"
PROFILES = ROOT / "profiles"
KESTREL, HERON, WREN = (ListenerId(f"example-{name}") for name in ("kestrel", "heron", "wren"))
# The shifts of the file are of the first of December: the day is Kestrel's, the night Heron's, with Wren behind.
BEFORE = datetime(2026, 11, 28, 12, tzinfo=UTC)
IN_THE_NIGHT = datetime(2026, 12, 1, 20, 1, tzinfo=UTC)


def the_example(session: Session) -> SiteFile:
    site = read_site(EXAMPLE)
    apply_site(session, site)
    return site


def kinds(session: Session) -> dict[str, str]:
    rows = session.execute(select(tables.Cell.location, tables.Phone.kind).join(tables.Phone))
    return {row.location: row.kind for row in rows}


def a_cell_move(session: Session, site: SiteFile, who: ListenerId, to: str) -> None:
    at = now()
    movement = Movement(
        listener=who, kind=MovementKind.CELL_MOVE, since=at - timedelta(minutes=1), cell=CellId(f"example-{to}")
    )
    record(session, site.id, movement, source=Source.CSV, now=at)


def test_the_phones_of_listeners_cells_may_do_what_a_listeners_may(database: Database) -> None:
    with database.transaction() as session:
        the_example(session)

        found = kinds(session)
        assert found["A-1-001"] == PhoneKind.LISTENER
        assert found["A-1-002"] == PhoneKind.CELL


def test_a_file_that_is_applied_again_moves_nobody_back(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        a_cell_move(session, site, KESTREL, "A-1-003")
        apply_site(session, site)

        found = kinds(session)
        assert (found["A-1-001"], found["A-1-003"]) == (PhoneKind.CELL, PhoneKind.LISTENER)


def test_somebody_moved_into_the_cell_of_another_of_the_file_keeps_its_phone(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        session.execute(update(tables.Listener).where(tables.Listener.id == HERON).values(phone_id=None))
        a_cell_move(session, site, KESTREL, "B-1-001")
        apply_site(session, site)

        phones = {row.id: row.phone_id for row in session.scalars(select(tables.Listener))}
        assert phones[KESTREL] is not None
        assert phones[HERON] is None


def test_the_published_rota_goes_before_the_shifts_of_the_file(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        of_file = session.scalars(select(tables.Shift).where(tables.Shift.listener_id == KESTREL)).one()
        begins, ends = of_file.starts_at, of_file.ends_at
        session.delete(of_file)
        session.flush()
        session.add(
            tables.Shift(
                id="published",
                site_id=site.id,
                listener_id=KESTREL,
                cover=Cover.BACKUP.value,
                starts_at=begins,
                ends_at=ends,
            )
        )
        session.flush()
        apply_site(session, site)

        mine = session.scalars(select(tables.Shift.id).where(tables.Shift.listener_id == KESTREL)).all()
        assert mine == ["published"]


def shifts(session: Session) -> list[tuple[str, str, str, datetime | None]]:
    """Every row as it stands in the database."""
    session.expire_all()
    rows = session.scalars(select(tables.Shift).order_by(tables.Shift.starts_at, tables.Shift.cover.desc()))
    return [(row.id, row.listener_id, row.cover, row.checked_in_at) for row in rows]


def shift_of(session: Session, listener: ListenerId) -> str:
    return session.scalars(select(tables.Shift.id).where(tables.Shift.listener_id == listener)).one()


def without(site: SiteFile, *names: str) -> SiteFile:
    """The file without the shifts of these."""
    return site.model_copy(update={"shifts": [shift for shift in site.shifts if shift.listener not in names]})


def test_a_line_that_starts_again_writes_no_shift_again(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        before = shifts(session)
        apply_site(session, site)

        assert len(before) == len(site.shifts)
        assert shifts(session) == before


def test_leave_that_freed_a_shift_of_the_file_stays(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        leave = Span(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC))
        take_leave(session, HERON, AbsenceKind.LEAVE, leave, now=BEFORE)
        before = shifts(session)
        apply_site(session, site)

        assert {listener for _id, listener, *_ in before} == {KESTREL, WREN}
        assert shifts(session) == before


def test_who_was_taken_off_a_shift_of_the_file_stays_off(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        site_rota.take_off(session, site.id, shift_of(session, WREN), now=BEFORE)
        before = shifts(session)
        apply_site(session, site)

        assert WREN not in {listener for _id, listener, *_ in before}
        assert shifts(session) == before


def a_swap(session: Session, site: SiteFile) -> str:
    """Heron's night becomes Wren's, who is backup no more; the shift's id."""
    far = datetime(2028, 1, 1, tzinfo=UTC)
    session.execute(update(tables.Listener).values(certified_until=far))
    site_rota.take_off(session, site.id, shift_of(session, WREN), now=BEFORE)
    shift = shift_of(session, HERON)
    swap = swaps.ask(session, site.id, shift, now=BEFORE)
    around = swaps.around(session, site.id, site.scheme(), shift)
    assert swaps.accept(session, around, swap, WREN, now=BEFORE) == ()
    swaps.approve(session, around, swap, who="rule", now=BEFORE)
    return shift


def test_a_swap_of_a_shift_of_the_file_stays(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        shift = a_swap(session, site)
        before = shifts(session)
        apply_site(session, site)

        assert (shift, WREN, Cover.FIRST, None) in before
        assert shifts(session) == before
        assert len(session.scalars(select(tables.Swap)).all()) == 1


def test_who_has_signed_on_for_a_shift_of_the_file_stays_signed_on(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        assert own_shifts.check_in(session, HERON, now=IN_THE_NIGHT)
        apply_site(session, site)

        assert (shift_of(session, HERON), HERON, Cover.FIRST, IN_THE_NIGHT) in shifts(session)
        assert own_shifts.late_ones(session, site.id, now=IN_THE_NIGHT + timedelta(hours=1)) == ()


def test_a_shift_that_leaves_the_file_goes_and_comes_with_it_again(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        apply_site(session, without(site, "Heron"))
        gone = HERON not in {listener for _id, listener, *_ in shifts(session)}
        apply_site(session, site)

        assert gone
        assert HERON in {listener for _id, listener, *_ in shifts(session)}


def test_a_shift_that_has_changed_hands_stays_when_it_leaves_the_file(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        shift = a_swap(session, site)
        apply_site(session, without(site, "Heron", "Wren"))

        assert [(row, listener) for row, listener, *_ in shifts(session) if listener != KESTREL] == [(shift, WREN)]


def test_other_hours_in_the_file_take_the_place_of_those_before(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        first = site.shifts[0]
        later = first.model_copy(update={"starts": first.starts.replace(hour=9)})
        apply_site(session, site.model_copy(update={"shifts": [later, *site.shifts[1:]]}))

        row = session.get_one(tables.Shift, shift_of(session, KESTREL))
        assert row.starts_at == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_what_a_release_before_wrote_of_the_file_is_taken_over(database: Database) -> None:
    """It had other ids, and nothing remembered that it had been written."""
    with database.transaction() as session:
        site = the_example(session)
        session.execute(delete(tables.DraftShift))
        session.execute(delete(tables.Rota))
        seat = select(tables.Shift).where(tables.Shift.listener_id == HERON)
        starts_at, ends_at = session.execute(seat.with_only_columns(tables.Shift.starts_at, tables.Shift.ends_at)).one()
        session.execute(delete(tables.Shift).where(tables.Shift.listener_id == HERON))
        row = {"id": "file-example-1", "site_id": site.id, "listener_id": HERON}
        session.add(a_shift_row(starts_at=starts_at, ends_at=ends_at, **row))
        before = shifts(session)
        apply_site(session, site)
        after = shifts(session)
        apply_site(session, without(site, "Heron"))

        assert after == before
        assert HERON not in {listener for _id, listener, *_ in shifts(session)}


def test_what_was_written_of_the_file_is_no_draft(database: Database) -> None:
    with database.transaction() as session:
        the_example(session)

        assert session.scalars(select(tables.Rota.state)).all() == [RotaState.PUBLISHED]


def test_a_profile_of_the_sites_own_may_lie_deep_down(database: Database, tmp_path: Path) -> None:
    own = tmp_path / ("deep" * 15) / f"{'our-own-rules' * 4}.toml"
    own.parent.mkdir()
    copyfile(PROFILES / "uk-listener-adult.toml", own)
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE.read_text("utf-8").replace('"uk-listener-adult"', f'"{own}"'), "utf-8")
    with database.transaction() as session:
        apply_site(session, read_site(file))

        assert session.scalar(select(tables.Site.profile)) == own.stem[:40]


# ---- who left, and was forgotten


def is_old(session: Session, *, days: int) -> None:
    """The site has been in this database for so long."""
    session.execute(update(tables.Rota).values(made_at=now() - timedelta(days=days)))


def certified_since(site: SiteFile, *, days: int) -> SiteFile:
    begins = (now() - timedelta(days=days)).date()
    listeners = [one.model_copy(update={"certified_from": begins}) for one in site.listeners]
    return site.model_copy(update={"listeners": listeners})


def leaves_and_is_forgotten(session: Session, who: ListenerId) -> None:
    """By the retention itself, a year and a day after they left."""
    session.execute(delete(tables.DraftShift).where(tables.DraftShift.listener_id == who))
    session.execute(delete(tables.Shift).where(tables.Shift.listener_id == who))
    session.execute(update(tables.Listener).where(tables.Listener.id == who).values(standing=Standing.LEFT))
    left = now() - timedelta(days=366)
    change = tables.StandingChange(
        listener_id=who, at=left, who="clerk", why=StandingReason.OWN_WISH, was=Standing.CERTIFIED, became=Standing.LEFT
    )
    session.add(change)
    session.flush()
    forget_what_is_due(session, now())
    session.expire_all()
    assert session.get(tables.Listener, who) is None


def test_who_left_and_was_forgotten_is_not_certified_anew_by_a_file_that_still_names_them(database: Database) -> None:
    with database.transaction() as session:
        site = certified_since(the_example(session), days=800)
        is_old(session, days=900)
        leaves_and_is_forgotten(session, HERON)

        assert apply_site(session, site) == ("Heron",)
        assert session.get(tables.Listener, HERON) is None
        assert {who for _id, who, *_ in shifts(session)} == {KESTREL, WREN}


def test_the_same_where_the_line_has_not_started_anew_for_a_year(database: Database) -> None:
    with database.transaction() as session:
        site = certified_since(the_example(session), days=800)
        leaves_and_is_forgotten(session, HERON)
        session.execute(delete(tables.DraftShift))
        session.execute(delete(tables.Rota))

        assert apply_site(session, site) == ("Heron",)


def test_somebody_new_of_a_file_is_taken_on_with_a_new_certificate_or_at_a_new_site(database: Database) -> None:
    with database.transaction() as session:
        site = the_example(session)
        recent, old = certified_since(site, days=300), certified_since(site, days=800)
        session.execute(delete(tables.DraftShift).where(tables.DraftShift.listener_id == HERON))
        for one in (recent, old):
            session.execute(delete(tables.Shift).where(tables.Shift.listener_id == HERON))
            session.execute(delete(tables.DraftShift).where(tables.DraftShift.listener_id == HERON))
            session.execute(delete(tables.Listener).where(tables.Listener.id == HERON))
            session.expire_all()
            is_old(session, days=900 if one is recent else 300)

            assert apply_site(session, one) == ()
            assert session.get(tables.Listener, HERON) is not None


def test_a_new_site_takes_on_everybody_however_old_their_certificates(database: Database) -> None:
    with database.transaction() as session:
        site = certified_since(read_site(EXAMPLE), days=800)

        assert apply_site(session, site) == ()
        assert session.get(tables.Listener, HERON) is not None
