"""The same database twice: each store test runs on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from models.database import Database
from models.migrate import migrate
from wingline.bench.private_postgres import PrivatePostgres, private_postgres

DIALECTS = ["sqlite", "postgresql"]
ROOM = 2**31
_serial = count(1)


def in_memory() -> Path | None:
    """Where files are memory, programs may run and there is room: a database is made there 15 times sooner."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    if not os.access(memory, os.W_OK):
        return None
    room = os.statvfs(memory)
    return memory if room.f_bavail * room.f_frsize > ROOM and not room.f_flag & os.ST_NOEXEC else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    with private_postgres(within=in_memory()) as server:
        migrate(server.create("migrated"))
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "wingline.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=DIALECTS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PrivatePostgres = request.getfixturevalue("postgres")
    return server.create(f"empty{next(_serial)}")


@pytest.fixture(params=DIALECTS)
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no rows."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), tmp_path)}"
        return
    server: PrivatePostgres = request.getfixturevalue("postgres")
    name = f"test{next(_serial)}"
    yield server.create(name, like="migrated")
    # Ten megabytes for each test add up.
    server.drop(name)


@pytest.fixture
def database(own_url: str) -> Iterator[Database]:
    """A database of this test's own with all tables and no rows."""
    fresh = Database(own_url)
    yield fresh
    fresh.close()
