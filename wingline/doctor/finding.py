"""What one check found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what is so, in words for those who run the line, and what to do when it is not well."""

    name: str
    grade: Grade
    says: str
    do: str = ""


def ok(name: str, says: str) -> Finding:
    return Finding(name, Grade.OK, says)


def warning(name: str, says: str, do: str) -> Finding:
    return Finding(name, Grade.WARNING, says, do)


def failed(name: str, says: str, do: str) -> Finding:
    return Finding(name, Grade.FAILED, says, do)


def anything_failed(findings: Sequence[Finding]) -> bool:
    return any(finding.grade is Grade.FAILED for finding in findings)
