"""`wingline listeners …` on a site of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from listeners.csv_file import BadFile
from wingline.cli import app as wingline_app
from wingline.listeners_cli import app

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
HEADER = "code_name,cell,languages,standing,certified_from,certified_until,experienced,tags\n"


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINGLINE_DATA", str(tmp_path / "site"))
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "ERROR")
    assert CliRunner().invoke(wingline_app, ["site", "apply", str(EXAMPLE)]).exit_code == 0


def listeners(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def taken(folder: Path, rows: str, *options: str) -> tuple[int, dict[str, Any]]:
    file = folder / "listeners.csv"
    file.write_text(HEADER + rows, "utf-8")
    ended = listeners("import", str(file), "--json", *options)
    return ended.exit_code, json.loads(ended.stdout.splitlines()[-1])


def test_a_file_is_taken_and_shown(tmp_path: Path) -> None:
    code, found = taken(tmp_path, "Osprey,A-1-002,en cy,applied,,,no,veteran\n")

    assert (code, found) == (0, {"new": 1, "changed": 0, "same": 0, "phones": True, "wrong": []})
    shown = listeners("show", "Osprey", "--json").stdout
    (osprey,) = json.loads(shown.splitlines()[-1])["listeners"]
    assert (osprey["standing"], osprey["next"], osprey["lacking"]["clearance"]) == ("applied", "cleared", True)
    assert osprey["load"] == {"days_7": {"minutes": 0, "nights": 0}, "days_28": {"minutes": 0, "nights": 0}}
    assert "veteran" not in shown


def test_a_wrong_row_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    code, found = taken(tmp_path, "Osprey,A-1-002,en,applied,,,no,\nPlover,A-9-999,en,applied,,,no,\n")

    assert (code, found["new"]) == (1, 1)
    assert [(one["row"], one["column"]) for one in found["wrong"]] == [(3, "cell")]


def test_strict_takes_nothing_while_anything_is_wrong(tmp_path: Path) -> None:
    rows = "Osprey,A-1-002,en,applied,,,no,\nPlover,A-9-999,en,applied,,,no,\n"
    code, found = taken(tmp_path, rows, "--strict")

    assert (code, found["new"], len(found["wrong"])) == (1, 0, 1)
    assert "Osprey" not in listeners("show").stdout


def test_everybody_is_shown_in_words_with_what_is_lacking(tmp_path: Path) -> None:
    taken(tmp_path, "Osprey,A-1-002,en,applied,,,no,\n")

    said = listeners("show").stdout.splitlines()
    at = next(number for number, line in enumerate(said) if line.startswith("Osprey: applied since "))
    assert said[at + 1] == "  lacking: security clearance"
    assert said[at + 2] == "  7 days: 0 minutes of talk, 0 nights; 28 days: 0 minutes of talk, 0 nights"


def test_a_file_that_is_not_there_is_said_in_words() -> None:
    assert isinstance(listeners("import", "nowhere.csv").exception, BadFile)
