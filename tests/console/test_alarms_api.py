"""Alertmanager's webhook: what is taken, what is refused, and in which words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine, an_escalation, sign_in
from fastapi import FastAPI
from sqlalchemy import select

from console.api_alarms import MOST, WHERE
from console.api_tokens import Scope, end_token, make_token
from console.app import create_app
from console.body_limit import MOST_BYTES
from models import tables
from models.alarms import Alarm
from models.clock import now
from models.database import Database
from models.words import Cause
from rota.site_rota import By


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(database, line=line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE)


@pytest.fixture
def monitoring(browser: httpx.Client, database: Database) -> Iterator[httpx.Client]:
    secret = database.do(lambda session: make_token(session, SITE, "prometheus", Scope.ALARMS, By("ann", now())))
    with httpx.Client(base_url=browser.base_url, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
        yield client


def an_alert(alarm: str = "StaffPhoneAway", **more: object) -> dict[str, Any]:
    """As Alertmanager 0.25 sends it, with its nanoseconds."""
    return {
        "status": "firing",
        "labels": {"alertname": alarm, "instance": "line:8080", "job": "wingline", "severity": "page"},
        "annotations": {"summary": "A phone of staff is not registered"},
        "startsAt": "2026-03-10T12:00:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": "7ef77533a43abb34",
    } | more


def a_webhook(*alerts: object, **more: object) -> dict[str, Any]:
    return {
        "receiver": "line",
        "status": "firing",
        "alerts": list(alerts),
        "groupLabels": {"alertname": "StaffPhoneAway"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "version": "4",
        "groupKey": '{}:{alertname="StaffPhoneAway"}',
        "truncatedAlerts": 0,
    } | more


def written(database: Database) -> list[tuple[str, bool]]:
    """By name, and whether it is over."""
    asked = select(tables.HeardAlarm).order_by(tables.HeardAlarm.name)
    return database.do(lambda s: [(one.name, one.ended_at is not None) for one in s.scalars(asked)])


def test_an_alarm_is_written_and_told_again_is_the_same(monitoring: httpx.Client, database: Database) -> None:
    first = monitoring.post(WHERE, json=a_webhook(an_alert()))
    again = monitoring.post(WHERE, json=a_webhook(an_alert()))

    assert (first.status_code, first.json()["began"], again.status_code, again.json()["known"]) == (200, 1, 200, 1)
    assert written(database) == [("StaffPhoneAway", False)]


def test_what_is_over_is_written_too(monitoring: httpx.Client, database: Database) -> None:
    monitoring.post(WHERE, json=a_webhook(an_alert()))
    over = an_alert(status="resolved", endsAt="2026-03-10T12:09:00Z")
    taken = monitoring.post(WHERE, json=a_webhook(over, status="resolved"))

    assert (taken.status_code, taken.json()["ended"]) == (200, 1)
    assert written(database) == [("StaffPhoneAway", True)]


@pytest.mark.parametrize("alarm", Alarm)
def test_every_alarm_of_ours_is_taken(alarm: Alarm, monitoring: httpx.Client) -> None:
    assert monitoring.post(WHERE, json=a_webhook(an_alert(alarm))).status_code == 200


def test_what_is_not_for_people_at_once_is_taken_and_not_written(monitoring: httpx.Client, database: Database) -> None:
    look = an_alert("BackupOld", labels={"alertname": "BackupOld", "severity": "look"})
    of_itself = an_alert("NightlyCallFailed")
    taken = monitoring.post(WHERE, json=a_webhook(look, of_itself))

    assert (taken.status_code, taken.json()["not_for_people"]) == (200, 2)
    assert written(database) == []


def test_an_alarm_that_nobody_knows_is_refused_in_words_and_the_others_are_taken(
    monitoring: httpx.Client, database: Database
) -> None:
    taken = monitoring.post(WHERE, json=a_webhook(an_alert("KitchenOnFire"), an_alert()))

    assert (taken.status_code, taken.json()["began"]) == (422, 1)
    assert taken.json()["wrong"] == [
        {"row": 1, "what": "alertname: there is no such alarm; deploy/alerts.yml names those that there are"}
    ]
    assert written(database) == [("StaffPhoneAway", False)]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("status", {"status": "silenced"}),
        ("startsAt", {"startsAt": "tonight-at-the-gate"}),
        ("startsAt", {"startsAt": "2026-03-10T12:00:00"}),
        ("startsAt", {"startsAt": 17}),
        ("startsAt", {"startsAt": "0001-01-01T00:00:00+14:00"}),
        ("fingerprint", {"fingerprint": "tonight-at-the-gate"}),
        ("severity", {"labels": {"alertname": "LineDown"}}),
        ("", {"labels": "tonight-at-the-gate"}),
    ],
)
def test_what_is_wrong_with_an_alert_is_said_and_not_repeated(
    field: str, wrong: dict[str, object], monitoring: httpx.Client, database: Database
) -> None:
    refused = monitoring.post(WHERE, json=a_webhook(an_alert(**wrong)))

    (said,) = refused.json()["wrong"]
    assert (refused.status_code, said["row"]) == (422, 1)
    assert said["what"].startswith(f"{field}: " if field else "write the alert")
    assert "gate" not in refused.text
    assert written(database) == []


@pytest.mark.parametrize("body", [[], {"version": "3", "alerts": []}, {"version": "4"}, {"version": "4", "alerts": {}}])
def test_what_is_no_webhook_of_alertmanagers_is_refused(body: object, monitoring: httpx.Client) -> None:
    refused = monitoring.post(WHERE, json=body)

    assert (refused.status_code, "Alertmanager" in refused.json()["error"]) == (422, True)


def test_no_more_is_taken_at_a_time_than_monitoring_ever_has_to_tell(
    monitoring: httpx.Client, database: Database
) -> None:
    many = monitoring.post(WHERE, json=a_webhook(*[an_alert()] * (MOST + 1)))
    large = monitoring.post(WHERE, content=b" " * (MOST_BYTES + 1), headers={"Content-Type": "application/json"})

    assert (many.status_code, large.status_code) == (422, 413)
    assert str(MOST) in many.json()["error"]
    assert written(database) == []


def test_a_token_of_another_scope_or_one_that_was_ended_tells_of_nothing(
    monitoring: httpx.Client, database: Database
) -> None:
    other = database.do(lambda session: make_token(session, SITE, "screen", Scope.HEALTH, By("ann", now())))
    refused = monitoring.post(WHERE, json=a_webhook(an_alert()), headers={"Authorization": f"Bearer {other}"})
    database.do(lambda session: end_token(session, SITE, "prometheus", By("ann", now())))
    ended = monitoring.post(WHERE, json=a_webhook(an_alert()))

    assert (refused.status_code, ended.status_code) == (403, 401)
    assert written(database) == []


# ---- what the board says of it


def a_fault(database: Database, alarm: Alarm, ended_at: datetime | None) -> None:
    fault = an_escalation(database, cause=Cause.LINE_BROKEN, danger=None)
    seen = {"name": alarm, "fingerprint": "0" * 16, "since": now(), "ended_at": ended_at}
    told = tables.HeardAlarm(id="alarm-1", site_id=SITE, escalation_id=fault, **seen)
    database.do(lambda session: session.add(told))


@pytest.mark.parametrize(
    ("alarm", "ended_at", "says"),
    [
        (Alarm.STAFF_PHONE_AWAY, None, "A phone of staff cannot be rung"),
        (Alarm.NOBODY_ON_DUTY, now(), "No Listener is on duty. As far as the line knows, it is over by itself"),
        (Alarm.SPEECH_BEHIND, None, "The Listener line does not work as it should"),
    ],
)
def test_the_board_of_duty_staff_says_what_is_wrong(
    alarm: Alarm, ended_at: datetime | None, says: str, browser: httpx.Client, database: Database
) -> None:
    a_fault(database, alarm, ended_at)
    sign_in(browser, "nurse")
    board = browser.get("/").text

    assert f'<span class="escalation__category">{says}</span>' in board
    assert "The line itself" in board
