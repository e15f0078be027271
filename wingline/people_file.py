"""Who lives in which cell, as the prison writes it; read when a location is opened, and never copied."""

import csv
from pathlib import Path

import structlog

from escalation.person import Person

log = structlog.get_logger()
COLUMNS = ("cell", "prison_number", "preferred_name")


class PeopleFile:
    """A CSV (cell, prison_number, preferred_name) that the prison's own system keeps up to date, or none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def who_lives_in(self, location: str) -> Person | None:
        """None also when the file cannot be read: staff are told the place, and nothing waits for a name."""
        if self._file is None:
            return None
        try:
            with self._file.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["cell"] == location]
                people = [Person(row["prison_number"].strip(), row["preferred_name"].strip()) for row in rows]
        except (OSError, KeyError, UnicodeDecodeError, csv.Error, AttributeError) as fault:
            log.warning("people.not_read", error=type(fault).__name__)
            return None
        # Of two who share a cell nobody knows who rings.
        return people[0] if len(people) == 1 else None
