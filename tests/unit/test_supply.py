"""What the line is made of is said to the byte: each package by version and hash, and none by another name."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("build.lock", "requirements.lock", "supply.lock")


def locked(name: str) -> dict[str, set[str]]:
    """Versions by package; more than one where newer Pythons get another."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"(?m)^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text()):
        found.setdefault(_plain(package), set()).add(version)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(part: list[str]) -> dict[str, str]:
    pins = (re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[\w+\])?==(\S+)", one) for one in part)
    return {_plain(pin[1]): pin[2] for pin in pins if pin}


@pytest.fixture(scope="module")
def project() -> dict[str, dict[str, list[str]]]:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = said["dependency-groups"]
    everything = [*said["project"]["dependencies"], *said["project"]["optional-dependencies"]["dev"]]
    return {"locks": {"requirements.lock": everything, "build.lock": groups["build"], "supply.lock": groups["supply"]}}


@pytest.mark.parametrize("name", LOCKS)
def test_each_lock_is_of_the_packages_that_the_project_names(
    name: str, project: dict[str, dict[str, list[str]]]
) -> None:
    found, pins = locked(name), wanted(project["locks"][name])

    assert pins
    assert {package: version for package, version in pins.items() if version not in found.get(package, ())} == {}, (
        "pyproject.toml has changed since: run make lock"
    )


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_is_installed_that_has_no_hash(name: str) -> None:
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", (ROOT / name).read_text())[1:]

    assert entries
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)] == []
    assert "://" not in "".join(entries)
