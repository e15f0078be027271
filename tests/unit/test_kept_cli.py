"""What is kept, and what is overdue, by command line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import a_call, a_small_prison
from typer.testing import CliRunner, Result

from models.clock import now
from models.database import Database
from models.kept import Person
from models.migrate import migrate
from models.overdue import purge
from wingline.kept_cli import app


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("WINGLINE_DATA", str(tmp_path))
    monkeypatch.setenv("WINGLINE_DATABASE", f"sqlite:///{tmp_path / 'kept.db'}")
    migrate(f"sqlite:///{tmp_path / 'kept.db'}")
    database = Database(f"sqlite:///{tmp_path / 'kept.db'}")
    with database.transaction() as session:
        a_small_prison(session)
    yield database
    database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answered(*words: str) -> Any:
    return json.loads(typed(*words, "--json").stdout.splitlines()[-1])


def a_call_that_ended(database: Database, *, days_ago: int) -> None:
    ended = now() - timedelta(days=days_ago)
    with database.transaction() as session:
        session.add(a_call(f"{days_ago}", began_at=ended, ended_at=ended))


@pytest.mark.parametrize("person", Person)
def test_everybody_gets_a_page_of_their_own(person: Person) -> None:
    page = typed("show", "--for", person.value).stdout

    assert page.startswith(f"What Wingline keeps about you ({person.value})")
    assert all(one["what"] in page for one in answered("show", "--for", person.value)["kept"])


@pytest.mark.slow
def test_nothing_is_overdue_in_a_line_that_purges(database: Database) -> None:
    a_call_that_ended(database, days_ago=100)
    purge(database, now())

    ended = typed("check")

    assert ended.exit_code == 0
    assert "Nothing is there" in ended.stdout
    assert answered("check")["last_purged"][:10] == now().date().isoformat()


def test_what_is_overdue_is_counted_and_exit_code_1(database: Database) -> None:
    a_call_that_ended(database, days_ago=100)

    assert typed("check").exit_code == 1
    assert answered("check") == {
        "overdue": [{"table": "calls", "holds": "count", "kept": "90 days", "rows": 1}],
        "last_purged": None,
    }
    assert "1 rows of calls" in typed("check").stdout


def test_what_became_due_since_yesterdays_purge_is_not_late(database: Database) -> None:
    a_call_that_ended(database, days_ago=91)

    assert typed("check").exit_code == 0
