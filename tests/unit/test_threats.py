"""The table of threats names tests; each is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")


def test_every_test_that_the_table_of_threats_names_is_there() -> None:
    named = NAMED.findall((ROOT / "docs/threats.md").read_text())
    missing = [f"{file}::{name}" for file, name in named if not _is_there(ROOT / file, name)]

    assert len(named) > 40
    assert missing == []


def _is_there(file: Path, name: str) -> bool:
    return file.exists() and re.search(rf"(?m)^(?:async )?def {name}\(", file.read_text()) is not None
