"""The oversight report by command line."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from models import tables
from models.clock import now
from models.database import Database
from wingline import oversight_cli, site_cli
from wingline.settings import read_settings

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
LAST_YEAR = now().year - 1

app = typer.Typer()
app.add_typer(site_cli.app, name="site")
app.add_typer(oversight_cli.app, name="oversight")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    assert typed("site", "apply", str(EXAMPLE)).exit_code == 0
    database = Database(read_settings().database_url)
    with database.transaction() as session:
        session.add(tables.CallCount(site_id="example", month=f"{LAST_YEAR}-05", calls=80, listened=3))
    database.close()
    return folder


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def report(*words: str, quarter: str = f"{LAST_YEAR}-Q2") -> Result:
    return typed("oversight", "report", "--quarter", quarter, *words)


def answered(*words: str) -> Any:
    return json.loads(report(*words, "--json").stdout.splitlines()[-1])


def test_it_is_printed_with_small_numbers_hidden() -> None:
    said = report().stdout

    assert f"Listener line at HMP Example: oversight report {LAST_YEAR}-Q2. [c] is hidden." in said
    assert f"  {LAST_YEAR}-05 | [c] | [c] | 80 | [c]" in said


def test_json_csv_and_pdf_say_the_same(tmp_path: Path) -> None:
    pdf, folder = tmp_path / "report.pdf", tmp_path / "csv"
    made = answered("--pdf", str(pdf), "--csv", str(folder))

    assert pdf.read_bytes().startswith(b"%PDF-")
    assert made["quarter"] == f"{LAST_YEAR}-Q2"
    for name, table in made["tables"].items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [table["headings"], *table["rows"]]


def test_in_welsh_the_files_are_welsh_and_what_machines_read_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    made = answered("--csv", str(folder), "--language", "cy")
    with (folder / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))

    assert rows[0][0] == "Mis"
    assert rows[2][:4] == [f"{LAST_YEAR}-05", "[c]", "[c]", "80"]
    assert made["tables"]["calls"]["headings"][0] == "Month"
    assert f"adroddiad goruchwylio {LAST_YEAR}-Q2. Mae [c] wedi'i guddio." in report("--language", "cy").stdout


def test_a_file_that_was_written_is_named(tmp_path: Path) -> None:
    assert report("--pdf", str(tmp_path / "report.pdf")).stdout == f"Written: {tmp_path / 'report.pdf'}\n"


def test_a_quarter_that_is_not_over_is_refused_with_the_day_to_ask_again() -> None:
    today = now() + timedelta(days=2)
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"

    assert "ask again from" in str(report(quarter=quarter).exception)
