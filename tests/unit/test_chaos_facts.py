"""Where the bounds of chaos come from, and what it reads in logs."""

from datetime import datetime
from pathlib import Path

import pytest

from escalation.profile_file import load
from tests.fakes.line import CHOICES
from wingline.chaos import logs
from wingline.chaos.bounds import bounds_of
from wingline.chaos.prison import PROFILE

TRACEBACK = """timestamp='2026-11-28T15:00:00.5Z' level='info' event='line.up'
Traceback (most recent call last):
  File "/x/site-packages/sqlalchemy/engine.py", line 5, in run
  File "/work/ivr/desk.py", line 12, in answer
sqlalchemy.exc.OperationalError: (x) cell A-1-008
timestamp='2026-11-28T15:00:02.5Z' level='info' event='call.adopted' call='call-1'
timestamp='2026-11-28T15:00:03.5Z' level='info' event='call.adopted' call='call-2'
timestamp='2026-11-28T15:00:03.5Z' level='info' event='call.ended' call='call-2'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.log").write_text(TRACEBACK)
    (tmp_path / "speech.log").write_text("nothing\n")
    return tmp_path


def test_bounds_follow_from_the_profile_and_the_deadline_as_the_document_says() -> None:
    profile = load(PROFILE, CHOICES)
    bounds = bounds_of(profile, deadline=4)
    longer = bounds_of(profile, deadline=6)

    assert (bounds.human, bounds.rung_anew, bounds.silence, bounds.nobody_told) == (28, 19, 8, 18)
    assert (longer.human, longer.silence) == (30, 10)


def test_a_traceback_is_named_by_its_kind_and_our_own_place_and_never_by_its_message(folder: Path) -> None:
    assert list(logs.surprises(folder)) == ["line.log: 1 times sqlalchemy.exc.OperationalError at ivr/desk.py:12"]


def test_what_python_shows_of_a_session_that_is_cancelled_is_no_surprise(tmp_path: Path) -> None:
    shown = (
        'Traceback (most recent call last):\n  File "/x/ivr/agi.py", line 1, in f\nasyncio.exceptions.CancelledError\n'
    )
    (tmp_path / "line.log").write_text(shown)

    assert list(logs.surprises(tmp_path)) == []


def test_what_the_line_put_right_is_counted_and_what_it_said_has_its_time(folder: Path) -> None:
    assert logs.corrected(folder) == {"call.adopted": 2}
    told = logs.told(folder, datetime.timestamp)
    assert told[0][1] == "level='info' event='line.up'"
    assert told[1][0] - told[0][0] == pytest.approx(2)
