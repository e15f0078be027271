"""Movements and keep-apart rules by command line."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from wingline import movements_cli, site_cli

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
FORMATS = Path(__file__).parents[2] / "docs/movements-file.md"

app = typer.Typer()
app.add_typer(site_cli.app, name="site")
app.add_typer(movements_cli.app, name="movements")
app.add_typer(movements_cli.keep_apart_app, name="keep-apart")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    assert typed("site", "apply", str(EXAMPLE)).exit_code == 0
    return folder


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answered(*words: str) -> Any:
    return json.loads(typed(*words, "--json").stdout.splitlines()[-1])


def a_file(data: Path, text: str) -> str:
    (data / "file.csv").write_text(text)
    return str(data / "file.csv")


def shown(number: int) -> str:
    """An example of docs/movements-file.md."""
    return FORMATS.read_text().split("```csv\n")[number].split("```")[0]


def test_the_movements_that_the_documentation_shows_are_right(data: Path) -> None:
    found = answered("movements", "import", a_file(data, shown(1)))

    assert (found["right"], found["new"], found["wrong"]) == (5, 5, [])


def test_the_pairs_that_the_documentation_shows_are_right(data: Path) -> None:
    found = answered("keep-apart", "import", a_file(data, shown(2)))

    assert (found["right"], found["new"], found["wrong"]) == (2, 2, [])


def test_what_follows_is_said(data: Path) -> None:
    file = a_file(data, "code_name,kind,since,cell\nKestrel,court,2020-01-01,\nHeron,cell_move,2020-01-01,B-2-006\n")
    said = typed("movements", "import", file).stdout

    assert "2 rows are right: 2 new, 0 changed." in said
    assert "moved: example-heron" in said


def test_what_was_freed_is_in_the_answer(data: Path) -> None:
    example = EXAMPLE.read_text().replace("on = 2026-12-01", "on = 2126-12-01")
    (data / "later.toml").write_text(example)
    typed("site", "apply", str(data / "later.toml"))

    (freed,) = answered("movements", "import", a_file(data, "code_name,kind,since\nWren,transfer,2120-01-01\n"))[
        "freed"
    ]
    assert (freed["listener"], freed["cover"], freed["starts_at"]) == (
        "example-wren",
        "backup",
        "2126-12-01T20:00:00+00:00",
    )


def test_a_wrong_row_is_exit_code_1_and_named(data: Path) -> None:
    file = a_file(data, "code_name,kind,since\nKite,court,2026-12-01\nWren,court,2026-12-01\n")
    ended = typed("movements", "import", file)

    assert ended.exit_code == 1
    assert "row 2: code_name: there is no Listener" in ended.stdout
    assert answered("movements", "import", file)["wrong"][0]["row"] == 2


def test_a_prison_number_is_in_no_file_of_the_site_afterwards(data: Path) -> None:
    file = a_file(data, shown(2))
    said = typed("keep-apart", "import", file).output
    Path(file).unlink()

    assert "A1234BC" not in said
    assert [one.name for one in data.rglob("*") if one.is_file() and b"A1234BC" in one.read_bytes()] == []


def test_a_whole_file_removes_the_others_and_says_how_many(data: Path) -> None:
    answered("keep-apart", "import", a_file(data, shown(2)))
    only_the_first = "".join(shown(2).splitlines(keepends=True)[:2])

    assert answered("keep-apart", "import", a_file(data, only_the_first), "--whole")["removed"] == 1


def test_a_whole_file_with_a_wrong_row_says_that_nothing_was_removed(data: Path) -> None:
    file = a_file(data, shown(2).replace("B-2-005", "Z-9-999"))

    assert "Nothing was removed" in typed("keep-apart", "import", file, "--whole").stdout


@pytest.mark.parametrize("command", ["movements", "keep-apart"])
def test_a_file_that_is_not_there_is_said(command: str) -> None:
    assert "there is no such file" in str(typed(command, "import", "nowhere.csv").exception)
