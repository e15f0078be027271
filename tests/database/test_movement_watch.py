"""The line notices within one look what was recorded, whoever recorded it and wherever."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from builders import SITE, a_prison_of_cells, a_shift_row
from sqlalchemy.orm import Session

from ivr.ami import Ami
from listeners.movements import Movement, Source
from listeners.movements_ahead import movements_ahead, take_back
from listeners.movements_store import record
from models import tables
from models.clock import now
from models.database import Database
from models.words import CellId, ListenerId, MovementKind, PhoneKind, SiteId
from wingline.movement_watch import MovementWatch
from wingline.settings import Settings

PRISON = SiteId(SITE)
ROBIN = ListenerId("listener-robin")
HOUR = timedelta(hours=1)


def told(session: Session, **changes: object) -> None:
    chosen = {"listener": ROBIN, "kind": MovementKind.COURT, "since": now() + HOUR} | changes
    record(session, PRISON, Movement(**chosen), source=Source.API, now=now())  # type: ignore[arg-type]  # a test's own


def noticed(database: Database, folder: Path, *acts: Callable[[Session], object]) -> list[int]:
    """How often the line was told by each look: the first one at the start, then one after each act."""
    database.do(lambda session: a_prison_of_cells(session, robin="A1"))
    calls: list[int] = []

    async def happened() -> None:
        calls[-1] += 1

    async def looks() -> None:
        # Not connected: what Asterisk has to be told waits.
        ami = Ami("127.0.0.1", 1, "nobody", "nothing")
        watch = MovementWatch(Settings(data=folder), database, PRISON, ami, happened)
        for act in ((lambda _: None), *acts):
            database.do(act)
            calls.append(0)
            await watch.tick()

    asyncio.run(looks())
    return calls


def test_a_movement_that_frees_nothing_yet_is_noticed_once(database: Database, tmp_path: Path) -> None:
    assert noticed(database, tmp_path, told, lambda _: None) == [0, 1, 0]


def test_a_shift_that_was_freed_elsewhere_is_noticed(database: Database, tmp_path: Path) -> None:
    def free(session: Session) -> None:
        session.add(a_shift_row("robin", starts_at=now() - HOUR, ends_at=now() + HOUR))
        session.flush()
        told(session, since=now() - HOUR)
        assert not session.query(tables.Shift).all()

    assert noticed(database, tmp_path, free) == [0, 1]


def test_a_movement_that_is_changed_or_taken_back_is_noticed(database: Database, tmp_path: Path) -> None:
    since = now() + HOUR

    def take(session: Session) -> None:
        (ahead,) = movements_ahead(session, PRISON, now())
        take_back(session, PRISON, ahead.id, now())

    acts = (
        lambda session: told(session, since=since),
        lambda session: told(session, since=since, until=since + HOUR),
        take,
    )
    assert noticed(database, tmp_path, *acts) == [0, 1, 1, 1]


def test_phones_that_asterisk_could_not_be_told_of_stay_news_for_it_and_not_for_the_others(
    database: Database, tmp_path: Path
) -> None:
    def moves(session: Session) -> None:
        told(session, kind=MovementKind.CELL_MOVE, since=now() - HOUR, cell=CellId("cell-A2"))
        assert session.get_one(tables.Phone, "phone-A2").kind == PhoneKind.LISTENER

    assert noticed(database, tmp_path, moves, lambda _: None) == [0, 1, 0]
