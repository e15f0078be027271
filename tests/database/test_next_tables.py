"""A next release brings its tables to a database on which the release before works: wholly, soon, or not at all."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from backup_world import a_backed_site
from sqlalchemy import Connection, inspect, text

from models.clock import now
from models.database import Database
from models.migrate import NewerTables, TablesHeld, migrate
from wingline.backup.copies import revision_of
from wingline.bench.private_postgres import _installed
from wingline.bench.releases import REVISION, Releases
from wingline.up import only_one

# What stands still would stand for ever; this is only when it is called so.
STANDS_STILL_MS = 20_000
BRING = "import sys; from models.migrate import migrate; migrate(sys.argv[1], within=float(sys.argv[2]))"
IN_THE_MIDDLE = "raise ZeroDivisionError"


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    made = Releases(tmp_path_factory.mktemp("following"))
    made.install_next()
    return made


@pytest.fixture
def url(database: Database) -> str:
    return database.url


@pytest.fixture
def postgres_only(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no lock for which others stand in a queue")


def brings(releases: Releases, url: str, within: float = 60.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (releases.python, "-c", BRING, url, str(within)), stderr=subprocess.PIPE, text=True, cwd=releases.root
    )


def said(bringing: "subprocess.Popen[str]") -> str:
    _, wrong = bringing.communicate(timeout=60)
    return wrong


def columns(database: Database) -> set[str]:
    return {one["name"] for one in inspect(database.engine).get_columns("calls")}


def indexes(database: Database) -> set[str | None]:
    return {one["name"] for one in inspect(database.engine).get_indexes("offers")}


def test_an_older_release_refuses_newer_tables_and_says_so(following: Releases, url: str) -> None:
    assert said(brings(following, url)) == ""
    assert revision_of(url) == REVISION

    with pytest.raises(NewerTables, match="no release takes its tables back"):
        migrate(url)
    assert revision_of(url) == REVISION


def test_a_step_that_goes_wrong_in_the_middle_leaves_the_tables_as_they_were(
    database: Database, tmp_path: Path
) -> None:
    before, had = revision_of(database.url), (columns(database), indexes(database))
    wrong = Releases(tmp_path)
    wrong.install_next(then=IN_THE_MIDDLE)

    told = said(brings(wrong, database.url))

    assert f"the tables are as they were: the step after {before} went wrong (ZeroDivisionError)" in told
    assert revision_of(database.url) == before
    assert (columns(database), indexes(database)) == had


@pytest.fixture
def somebody(database: Database) -> Iterator[Connection]:
    """Who has looked at calls, and has not ended their transaction."""
    with database.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM calls"))
        yield connection


@pytest.mark.usefixtures("postgres_only")
def test_calls_go_on_while_the_next_tables_wait_for_somebody_who_holds_one(
    following: Releases, database: Database, somebody: Connection
) -> None:
    bringing = brings(following, database.url)
    until_it_waits(database, bringing)

    with database.engine.connect() as line:
        line.execute(text(f"SET statement_timeout = {STANDS_STILL_MS}"))
        for _ in range(5):
            line.execute(text("SELECT count(*) FROM calls"))
            line.commit()
    assert bringing.poll() is None
    assert revision_of(database.url) != REVISION
    somebody.rollback()

    assert said(bringing) == ""
    assert revision_of(database.url) == REVISION


def until_it_waits(database: Database, bringing: "subprocess.Popen[str]") -> None:
    asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
    with database.engine.connect() as looking:
        while not looking.scalar(asked):
            assert bringing.poll() is None, said(bringing)
            time.sleep(0.02)


@pytest.mark.usefixtures("postgres_only", "somebody")
def test_tables_that_stay_held_are_left_as_they_were_and_it_is_said(following: Releases, database: Database) -> None:
    told = said(brings(following, database.url, within=1.0))

    assert str(TablesHeld(1.0)) in told
    assert revision_of(database.url) != REVISION


def test_between_install_and_upgrade_a_command_leaves_the_tables_to_the_line_that_is_up(
    following: Releases, url: str, tmp_path: Path
) -> None:
    before = revision_of(url)

    def checks() -> "subprocess.CompletedProcess[str]":
        environment = {"WINGLINE_DATABASE": url, "WINGLINE_DATA": str(tmp_path), "WINGLINE_HOME": str(tmp_path)}
        command = (following.current / "bin" / "wingline", "kept", "check")
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    with only_one(tmp_path):
        in_between = checks()
    assert in_between.returncode == 1
    assert "wingline upgrade (systemctl reload wingline), which makes a backup first" in in_between.stderr
    assert revision_of(url) == before

    # Without a line there is nothing to wait for.
    assert checks().returncode == 0
    assert revision_of(url) == REVISION


BACK_UP = """
from wingline.in_between import back_up_older
from wingline.on_the_site import by_me
from wingline.settings import read_settings
print(back_up_older(read_settings(), by_me()))
"""


def test_a_line_that_has_to_start_in_between_makes_a_backup_from_which_the_release_before_comes_back(
    following: Releases, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{_installed() / 'bin'}:/usr/bin")
    before, site = revision_of(url), a_backed_site(tmp_path, url, now())

    def starts() -> str:
        where = {"DATABASE": url, "DATA": site.settings.data, "BACKUPS": site.elsewhere}
        given = os.environ | {f"WINGLINE_{name}": str(value) for name, value in where.items()}
        command = (following.python, "-c", BACK_UP)
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=True, cwd=following.root)
        return done.stdout.strip()

    (kept,) = site.elsewhere.glob(Path(starts()).name)
    assert site.restore(kept, now()).manifest.revision == before
    assert said(brings(following, url)) == ""
    assert starts() == "None"
