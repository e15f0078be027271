"""A second prison is not let into a database, and what is shipped for many keeps them out of each other's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from builders import a_site
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from models import tables
from models.audit import CHAIN_LOCK
from models.database import Database
from models.words import SiteId
from wingline.bench.private_postgres import PrivatePostgres
from wingline.cli import app
from wingline.doctor import records
from wingline.doctor.finding import Grade
from wingline.nightly_site import prepare
from wingline.on_the_site import the_site
from wingline.own_database import AnothersDatabase, bring_up_to_date
from wingline.site import SiteFile, checked_site, read_site
from wingline.site_rows import apply_site

_serial = count(1)
READ_BY_PROXY = Path(__file__).parents[2] / "deploy" / "cluster" / "postgresql.sql"
EXAMPLE = Path(__file__).parents[2] / "docs" / "site-example.toml"


def text_of(site: str) -> str:
    """The example under another id: the same wings, cells, posts and Listeners."""
    return EXAMPLE.read_text("utf-8").replace('id = "example"', f'id = "{site}"')


def a_prison(site: str) -> SiteFile:
    return checked_site(text_of(site), "site.toml")


def sites(session: Session) -> list[str]:
    return sorted(session.scalars(select(tables.Site.id)))


def test_a_second_prison_is_not_let_in_and_the_first_is_as_it_was(database: Database) -> None:
    database.do(partial(apply_site, site=a_prison("north")))

    with pytest.raises(AnothersDatabase, match="of 'north', and the site file is of 'south'"):
        database.do(partial(apply_site, site=a_prison("south")))
    assert database.do(sites) == ["north"]


def test_a_prison_starts_again_beside_its_nightly_call(database: Database) -> None:
    north = a_prison("north")
    for _ in range(2):
        database.do(partial(apply_site, site=north))
        database.do(partial(prepare, site=north))

    assert database.do(sites) == ["north", "north_nightly"]
    assert database.do(partial(records.owner, site=SiteId("north"))).grade is Grade.OK


def test_where_two_are_already_each_starts_and_the_doctor_tells(database: Database) -> None:
    with database.transaction() as session:
        session.add_all([a_site(id="north"), a_site(id="south")])
    database.do(partial(apply_site, site=a_prison("south")))

    found = database.do(partial(records.owner, site=SiteId("south")))
    assert found.grade is Grade.WARNING
    assert "'north'" in found.says


def test_the_tables_of_another_prison_are_left_at_their_release(empty_url: str) -> None:
    with closing(Database(empty_url)) as database, database.transaction() as session:
        # Of an older release: all that matters of it.
        tables.Site.metadata.create_all(session.connection(), [tables.Base.metadata.tables["sites"]])
        session.add(a_site(id="north"))

    with pytest.raises(AnothersDatabase):
        bring_up_to_date(empty_url, SiteId("south"))
    with closing(Database(empty_url)) as database:
        assert inspect(database.engine).get_table_names() == ["sites"]


@pytest.fixture
def south(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation whose settings name the database of another prison."""
    with closing(Database(own_url)) as database:
        database.do(partial(apply_site, site=a_prison("north")))
    folder = tmp_path / "south"
    folder.mkdir()
    (folder / "site.toml").write_text(text_of("south"))
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    monkeypatch.setenv("WINGLINE_DATABASE", own_url)
    return folder


def test_no_command_reads_or_writes_what_is_another_prisons(south: Path) -> None:
    assert (south / "site.toml").exists()
    with pytest.raises(AnothersDatabase), the_site():
        pass


def test_a_site_file_that_is_refused_does_not_replace_the_one_in_force(south: Path, tmp_path: Path) -> None:
    (south / "site.toml").write_text(text_of("north"))
    changed = tmp_path / "changed.toml"
    changed.write_text(text_of("south"))
    ended = CliRunner().invoke(app, ["site", "apply", str(changed)])

    assert ended.exit_code == 1
    assert read_site(south / "site.toml").id == "north"


def test_the_first_site_of_a_new_database_is_applied(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINGLINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WINGLINE_DATABASE", empty_url)
    ended = CliRunner().invoke(app, ["site", "apply", str(EXAMPLE)])

    assert ended.exit_code == 0, ended.exception
    with closing(Database(empty_url)) as database:
        assert database.do(sites) == ["example"]


def test_of_two_prisons_that_come_at_once_one_is_let_in(own_url: str) -> None:
    assert sorted(_at_once(own_url, "north", "south")) == ["AnothersDatabase", "let in"]


def test_two_nodes_of_one_prison_may_come_at_once(own_url: str) -> None:
    assert _at_once(own_url, "north", "north") == ["let in", "let in"]


def _at_once(url: str, *names: str) -> list[str]:
    """What becomes of each, which all begin before the first has ended."""
    ready = Barrier(len(names))

    def comes(site: str) -> str:
        with closing(Database(url)) as database:
            ready.wait()
            try:
                database.do(partial(apply_site, site=a_prison(site)))
            except AnothersDatabase as error:
                return type(error).__name__
            return "let in"

    with ThreadPoolExecutor(len(names)) as threads:
        return list(threads.map(comes, names))


# ---- one server for many (deploy/cluster/site.sql)


@pytest.fixture
def two(postgres: PrivatePostgres) -> Iterator[tuple[str, str]]:
    """Ids as site files may have them; roles are of the whole server, and stay."""
    number = next(_serial)
    names = f"hmp-north-{number}", f"hmp-south-{number}"
    yield postgres.create_for(names[0]), postgres.create_for(names[1])
    for name in names:
        postgres.drop(name)


def test_the_role_of_one_prison_can_use_no_other_ones_database(postgres: PrivatePostgres, two: tuple[str, str]) -> None:
    north, south = (create_engine(url) for url in two)
    for engine in (north, south):
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == engine.url.database
        engine.dispose()

    assert north.url.username
    assert south.url.database
    with pytest.raises(OperationalError, match="permission denied for database"):
        _connects(create_engine(postgres.address(south.url.database, role=north.url.username)))


def test_it_brings_its_own_tables_and_its_own_site_and_a_lock_of_one_is_none_of_the_other(
    two: tuple[str, str],
) -> None:
    north, south = (Database(url) for url in two)
    with closing(north), closing(south):
        for database, site in ((north, "north"), (south, "south")):
            bring_up_to_date(database.url, SiteId(site))
            database.do(partial(apply_site, site=a_prison(site)))
        with north.transaction() as held:
            # To the end of the transaction: the other prison's audit must not wait for it.
            held.execute(text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})"))
            with south.transaction() as session:
                assert session.scalar(text(f"SELECT pg_try_advisory_xact_lock({CHAIN_LOCK})"))
        assert [south.do(sites), north.do(sites)] == [["south"], ["north"]]


def test_a_prisons_proxy_reads_its_phones_names_and_secrets_and_nothing_else(
    postgres: PrivatePostgres, two: tuple[str, str]
) -> None:
    north, south = (create_engine(url).url.database or "" for url in two)
    bring_up_to_date(two[0], SiteId("north"))
    proxy = f"kamailio_{next(_serial)}"
    with psycopg.connect(_as_psycopg(postgres.address(north))) as made:
        # As deploy/cluster/README.md says for one of many.
        made.execute(READ_BY_PROXY.read_text().replace("kamailio", proxy).encode())

    with psycopg.connect(_as_psycopg(postgres.address(north, role=proxy))) as reads:
        assert reads.execute("SELECT id, secret FROM sip_phones").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reads.execute("SELECT id FROM calls")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(_as_psycopg(postgres.address(south, role=proxy)))


def _as_psycopg(url: str) -> str:
    return url.replace("+psycopg", "")


def _connects(engine: Engine) -> None:
    try:
        engine.connect().close()
    finally:
        engine.dispose()
