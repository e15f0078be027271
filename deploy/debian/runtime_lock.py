"""Prints requirements.lock without what only developers need: the packages that the line itself stands on, by hash."""

# ruff: noqa: INP001  a program, started by its path

import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def stood_on(lines: list[str]) -> set[str]:
    """What these name, and everything that each of them needs on this machine."""
    found: set[tuple[str, frozenset[str]]] = set()
    todo = [(line, frozenset({""})) for line in lines]
    while todo:
        line, extras = todo.pop()
        wanted = Requirement(line)
        if wanted.marker is not None and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        one = (canonicalize_name(wanted.name), frozenset({"", *wanted.extras}))
        if one not in found:
            found.add(one)
            todo += [(needed, one[1]) for needed in requires(wanted.name) or ()]
    return {name for name, _ in found}


def main() -> None:
    # Not from what is installed here: that may be older.
    wanted = stood_on(tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])
    blocks = re.split(r"(?m)^(?=[a-z0-9])", Path("requirements.lock").read_text(encoding="utf-8"))
    # A package may be there twice, for different versions of Python.
    named: dict[str, str] = {}
    for block in blocks:
        if name := re.match(r"[a-z0-9.-]+", block):
            named[name[0]] = named.get(name[0], "") + block
    if missing := wanted - named.keys():
        sys.exit(f"requirements.lock lacks {', '.join(sorted(missing))}: make lock")
    sys.stdout.write("".join(named[name] for name in sorted(wanted)))


if __name__ == "__main__":
    main()
