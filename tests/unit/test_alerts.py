"""Alarms, the figures that they look at, and what the runbook says of each: none without the others."""

import re
from pathlib import Path

import yaml

HERE = Path(__file__).parents[2]
ALERTS = [one for group in yaml.safe_load((HERE / "deploy/alerts.yml").read_text())["groups"] for one in group["rules"]]
RUNBOOK = (HERE / "docs/runbook.md").read_text()
FIGURES = (HERE / "wingline/metrics/exposing.py").read_text()
# What the library adds to a counter's or a histogram's name.
ENDINGS = re.compile(r"_(total|bucket|sum|count)$")


def test_each_alarm_has_its_page_in_the_runbook() -> None:
    pages = {line.removeprefix("## ").lower() for line in RUNBOOK.splitlines() if line.startswith("## ")}

    for alert in ALERTS:
        assert alert["annotations"]["runbook"] == f"docs/runbook.md#{alert['alert'].lower()}"
        assert alert["alert"].lower() in pages, alert["alert"]


def test_each_page_says_what_callers_notice_what_to_do_and_whom_to_call() -> None:
    for page in RUNBOOK.split("\n## ")[1:]:
        for part in ("**Callers:**", "**First:**", "**Call:**"):
            assert part in page, (page.splitlines()[0], part)


def test_each_alarm_looks_at_a_figure_that_exists() -> None:
    for alert in ALERTS:
        names = set(re.findall(r"wingline_[a-z_]+", alert["expr"]))
        assert names or 'job="wingline"' in alert["expr"]
        for name in names:
            known = ENDINGS.sub("", name)
            assert f'"{known}"' in FIGURES or f'"{known.removeprefix("wingline_")}"' in FIGURES, name
