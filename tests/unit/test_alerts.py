"""Alarms, the figures that they look at, and what the runbook says of each: none without the others."""

import re
from pathlib import Path

import yaml

from console.alarm_wording import FAULTS, OTHER, OVER
from console.api_alarms import MOST, WHERE
from console.language import ENGLISH
from escalation.disclosure import Disclosure, spoken
from ivr.prompts.texts import languages
from models.alarms import PAGE, TOLD_BY_THE_LINE, Alarm
from models.words import Cause, Instant
from wingline.settings import Settings

HERE = Path(__file__).parents[2]
ALERTS = [one for group in yaml.safe_load((HERE / "deploy/alerts.yml").read_text())["groups"] for one in group["rules"]]
ROUTES = yaml.safe_load((HERE / "deploy/alertmanager.yml").read_text())
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


def test_the_alarms_that_the_line_takes_are_those_of_the_file() -> None:
    assert [alert["alert"] for alert in ALERTS] == list(Alarm)


def test_what_is_for_people_at_once_has_words_of_its_own_on_phone_and_console_and_they_are_the_same() -> None:
    texts = next(one.prompts for one in languages() if one.code == ENGLISH)
    pages = {Alarm(alert["alert"]) for alert in ALERTS if alert["labels"]["severity"] == PAGE}
    assert set(FAULTS) == pages

    for alarm in Alarm:
        told = Disclosure(Cause.LINE_BROKEN, None, None, Instant.min, on_line=False, alarms=(alarm,), mended=True)
        _, what, over, *_ = spoken(told)
        assert texts[what] == f"{FAULTS.get(alarm, OTHER)}."
        assert texts[over] == f"{OVER}."


def test_what_the_line_tells_by_itself_is_for_people_at_once() -> None:
    severities = {alert["alert"]: alert["labels"]["severity"] for alert in ALERTS}

    assert {severities[alarm] for alarm in TOLD_BY_THE_LINE} == {PAGE}


# ---- whom Alertmanager tells


def receivers_of(severity: str) -> list[str]:
    """As Alertmanager goes through its routes: to the first that fits, and on from it when that says so."""
    found = []
    for route in ROUTES["route"]["routes"]:
        if route["matchers"] == [f'severity="{severity}"']:
            found.append(route["receiver"])
            if not route.get("continue"):
                break
    return found or [ROUTES["route"]["receiver"]]


def test_what_is_for_people_at_once_goes_to_the_line_and_a_way_that_needs_no_line() -> None:
    known = {one["name"]: one for one in ROUTES["receivers"]}

    assert receivers_of(PAGE) == ["pager", "line"]
    assert receivers_of("look") == ["mailbox"]
    assert {name for name, one in known.items() if "webhook_configs" in one} == {"line"}
    assert all("email_configs" in known[name] for name in ("pager", "mailbox"))


def test_the_line_is_told_at_its_own_address_and_also_that_it_is_over() -> None:
    (webhook,) = next(one for one in ROUTES["receivers"] if one["name"] == "line")["webhook_configs"]

    assert webhook["url"] == f"http://127.0.0.1:{Settings.model_fields['console_port'].default}{WHERE}"
    assert (webhook["send_resolved"], webhook["max_alerts"]) == (True, MOST)
    assert webhook["http_config"]["authorization"]["type"] == "Bearer"
