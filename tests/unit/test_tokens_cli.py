"""Tokens by command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from wingline.cli import app

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("WINGLINE_DATA", str(folder))
    assert CliRunner().invoke(app, ["site", "apply", str(EXAMPLE)]).exit_code == 0
    return folder


def tokens(*words: str) -> Result:
    return CliRunner().invoke(app, ["tokens", *words])


def answered(*words: str) -> Any:
    return json.loads(tokens(*words, "--json").stdout.splitlines()[-1])


def test_a_token_is_shown_once(data: Path) -> None:
    secret = answered("make", "prison-records", "--scope", "movements")["token"]
    listed = tokens("list").stdout

    assert secret.startswith("wingline_")
    assert len(secret) > 40
    assert "prison-records: movements, made " in listed
    assert "never used" in listed
    assert secret not in listed
    assert secret.encode() not in (data / "wingline.db").read_bytes()


def test_what_is_listed_is_the_same_as_json() -> None:
    tokens("make", "safety", "--scope", "keep-apart")
    tokens("end", "safety")

    (one,) = answered("list")["tokens"]
    assert (one["name"], one["scope"], one["last_used_at"]) == ("safety", "keep-apart", None)
    assert one["ended_at"] >= one["made_at"]


def test_without_tokens_it_says_so() -> None:
    assert tokens("list").stdout == "There are no tokens.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make", "Records", "--scope", "movements"), "small letters, digits and hyphens"),
        (("end", "records"), "there is no token that has not ended called 'records'"),
    ],
)
def test_what_cannot_be_is_said_with_exit_code_1(words: tuple[str, ...], said: str) -> None:
    ended = tokens(*words)

    assert ended.exit_code == 1
    assert said in ended.stderr


def test_a_scope_that_there_is_not_is_refused() -> None:
    assert tokens("make", "records", "--scope", "everything").exit_code == 2
