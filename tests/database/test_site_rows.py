"""The site file is the first word on a prison, and not the last."""

from datetime import timedelta
from pathlib import Path
from shutil import copyfile

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from listeners.movements import Movement, Source
from listeners.movements_store import record
from models import tables
from models.clock import now
from models.database import Database
from models.words import CellId, Cover, ListenerId, MovementKind, PhoneKind
from wingline.site import SiteFile, read_site
from wingline.site_rows import apply_site

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "site-example.toml"
PROFILES = ROOT / "profiles"
KESTREL, HERON = ListenerId("example-kestrel"), ListenerId("example-heron")


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


def test_a_profile_of_the_sites_own_may_lie_deep_down(database: Database, tmp_path: Path) -> None:
    own = tmp_path / ("deep" * 15) / f"{'our-own-rules' * 4}.toml"
    own.parent.mkdir()
    copyfile(PROFILES / "uk-listener-adult.toml", own)
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE.read_text("utf-8").replace('"uk-listener-adult"', f'"{own}"'), "utf-8")
    with database.transaction() as session:
        apply_site(session, read_site(file))

        assert session.scalar(select(tables.Site.profile)) == own.stem[:40]
