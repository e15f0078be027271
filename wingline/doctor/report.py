"""Findings as people and programs read them."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from wingline.doctor.finding import Finding, Grade, anything_failed

_SIGNS = {Grade.OK: ("ok", "green"), Grade.WARNING: ("look", "yellow"), Grade.FAILED: ("FAILED", "bold red")}
_WIDTH = 20


def write_finding(console: Console, finding: Finding) -> None:
    sign, style = _SIGNS[finding.grade]
    line = Text(f"  {sign:<8}", style=style)
    line.append(f"{finding.name:<{_WIDTH}}{finding.says}", style="default")
    console.print(line)
    if finding.do:
        console.print(f"          {'':<{_WIDTH}}-> {finding.do}")


def as_json(findings: Sequence[Finding]) -> str:
    rows = [
        {"name": one.name, "grade": one.grade.value, "says": one.says, **({"do": one.do} if one.do else {})}
        for one in findings
    ]
    return json.dumps({"well": not anything_failed(findings), "findings": rows})


def summary(findings: Sequence[Finding]) -> str:
    counts = {grade: sum(one.grade is grade for one in findings) for grade in Grade}
    return f"{counts[Grade.OK]} well, {counts[Grade.WARNING]} to look at, {counts[Grade.FAILED]} failed"
