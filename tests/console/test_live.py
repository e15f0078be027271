"""The live stream: what it sends, when, and when it stays silent."""

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
from evening import FakeLine, a_busy_evening, an_escalation, sign_in

from models.database import Database


def test_the_first_event_is_the_whole_board_and_then_only_what_changed(
    browser: httpx.Client, database: Database, line: FakeLine
) -> None:
    a_busy_evening(database)
    sign_in(browser)
    with browser.stream("GET", "/live") as stream:
        events = _events(stream)
        _, whole = next(events)
        an_escalation(database)
        began = monotonic()
        line.tell()
        kind, change = next(event for event in events if event[0] == "change")
        took = monotonic() - began

    assert set(whole["parts"]) == {"statement", "escalations", "calls", "listeners", "cover"}
    assert kind == "change"
    assert set(change["parts"]) == {"escalations"}
    assert "B-2-014" in change["parts"]["escalations"]
    assert list(change["alarms"].values()) == ["Danger to life now: risk of suicide, with a plan or a means. B-2-014."]
    assert took < 0.9  # pushed, before the next second's reading


def test_when_nothing_changes_it_says_only_that_it_lives(browser: httpx.Client, database: Database) -> None:
    a_busy_evening(database)
    sign_in(browser)
    with browser.stream("GET", "/live") as stream:
        events = _events(stream)
        kinds = [next(events)[0] for _ in range(3)]

    assert kinds == ["change", "same", "same"]


def _events(stream: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in stream.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            text = line.removeprefix("data: ")
            yield kind, json.loads(text) if kind == "change" else text
