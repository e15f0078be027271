"""`wingline rota` at the command line, when somebody of the rota has left the scheme since."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.migrate import migrate
from models.words import Cover, ListenerId, Standing
from rota import site_rota
from rota.problem import Assigned
from rota.site_rota import By
from wingline.rota_cli import app
from wingline.site import read_site
from wingline.site_rows import apply_site

EXAMPLE = Path(__file__).parents[2] / "docs" / "site-example.toml"
# After the shifts that the file itself has.
FIRST = date(2026, 12, 7)
BY = By("ann", datetime(2026, 12, 5, tzinfo=UTC))
KESTREL, HERON = ListenerId("example-kestrel"), ListenerId("example-heron")
DAY = [Assigned(f"evening {FIRST}", KESTREL, Cover.FIRST), Assigned(f"evening {FIRST}", HERON, Cover.BACKUP)]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'rota.db'}"
    monkeypatch.setenv("WINGLINE_DATA", str(tmp_path))
    monkeypatch.setenv("WINGLINE_DATABASE", url)
    shutil.copy(EXAMPLE, tmp_path / "site.toml")
    migrate(url)
    database = Database(url)
    with database.transaction() as session:
        apply_site(session, read_site(EXAMPLE))
    yield database
    database.close()


def a_draft(database: Database) -> None:
    site = read_site(EXAMPLE)
    with database.transaction() as session:
        problem = site_rota.problem_of(session, site.id, site.scheme(), since=FIRST, days=1)
        site_rota.keep_draft(session, site.id, problem, DAY, BY)


def has_left(database: Database, listener: ListenerId) -> None:
    with database.transaction() as session:
        theirs = update(tables.Listener).where(tables.Listener.id == listener)
        session.execute(theirs.values(standing=Standing.LEFT.value))


def published(database: Database) -> None:
    a_draft(database)
    site = read_site(EXAMPLE)
    with database.transaction() as session:
        draft = site_rota.draft(session, site.id)
        problem = site_rota.problem_of_draft(session, site.id, site.scheme(), draft)
        site_rota.publish(session, site.id, problem, draft, BY)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.stdout


def test_check_says_that_a_draft_with_somebody_who_has_left_is_to_be_made_again(database: Database) -> None:
    a_draft(database)
    assert "(Heron), Kestrel" in run("check")
    has_left(database, KESTREL)

    with pytest.raises(NotAllowed, match="generate it again"):
        run("check")


def test_show_and_export_keep_the_name_of_somebody_who_has_left(database: Database, tmp_path: Path) -> None:
    published(database)
    has_left(database, KESTREL)
    of_that_day = "--since", FIRST.isoformat(), "--days", "1"

    assert "(Heron), Kestrel" in run("show", *of_that_day)
    answer = json.loads(run("show", *of_that_day, "--json"))
    assert [one["listener"] for one in answer["assignments"]] == ["Heron", "Kestrel"]
    run("export", str(tmp_path / "rota.csv"), *of_that_day)
    rows = csv.DictReader(io.StringIO((tmp_path / "rota.csv").read_text("utf-8")))
    assert {row["listener"] for row in rows} == {"Kestrel", "Heron", ""}
    for file in ("rota.xlsx", "rota.html"):
        run("export", str(tmp_path / file), *of_that_day)
    run("export", str(tmp_path / "of-a-wing.csv"), *of_that_day, "--wing", "A")
    assert "Kestrel" not in (tmp_path / "of-a-wing.csv").read_text("utf-8")
