"""The audit's heads in the site's folder, as the console shows the last one and holds them against the audit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models import audit
from models.clock import now
from models.database import Database
from models.tables import Base
from wingline.audit_files import heads_folder, key_file, settle_heads
from wingline.heads_here import HeadsHere

SITE, ZONE = "demo", "Europe/London"
EVENING = datetime(2026, 11, 25, 20, tzinfo=UTC)
LATER = EVENING + timedelta(days=2)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'audit.db'}")
    Base.metadata.create_all(opened.engine)
    opened.do(lambda session: audit.note(session, "nurse", "raised", "esc-1", EVENING))
    yield opened
    opened.close()


@pytest.fixture
def heads(database: Database, tmp_path: Path) -> HeadsHere:
    """Of two days."""
    for days in (1, 2):
        database.do(
            lambda session, at=EVENING + timedelta(days=days): settle_heads(
                session, tmp_path, site=SITE, zone=ZONE, now=at
            )
        )
    return HeadsHere(tmp_path, SITE, ZONE)


def test_the_last_head_is_the_newest_day_that_can_be_read(database: Database, heads: HeadsHere) -> None:
    (heads_folder(heads.data) / "2026-11-27.head").write_text("no head")
    last, end = heads.last(), database.do(audit.end_of)

    assert last
    assert (last.day, last.last, last.hash, last.signed_at) == (date(2026, 11, 26), end.number, end.hash, LATER)


def test_a_head_that_was_signed_while_the_clock_was_ahead_is_not_the_last(database: Database, heads: HeadsHere) -> None:
    """Until the next night puts it aside."""
    ahead = now() + timedelta(days=40)
    database.do(lambda session: settle_heads(session, heads.data, site=SITE, zone=ZONE, now=ahead))
    last = heads.last()

    assert len(list(heads_folder(heads.data).iterdir())) > 40
    assert last
    assert last.day == date(2026, 11, 26)


def test_heads_that_fit_have_nothing_against_the_audit(database: Database, heads: HeadsHere) -> None:
    held = heads.held_against(database.do(audit.read_chain), LATER)

    assert (held.count, held.wrong) == (2, ())


def test_an_end_that_was_cut_off_and_a_day_without_a_head_are_said(heads: HeadsHere) -> None:
    (heads_folder(heads.data) / "2026-11-26.head").unlink()
    held = heads.held_against(audit.Chain((), ()), LATER + timedelta(days=1))

    assert held.count == 1
    assert any("the end was cut off" in one for one in held.wrong)
    assert "there is no head of 2026-11-26" in held.wrong


def test_looking_makes_no_key_and_no_folder(tmp_path: Path) -> None:
    here = HeadsHere(tmp_path / "site", SITE, ZONE)

    assert here.last() is None
    assert here.held_against(audit.Chain((), ()), LATER).count == 0
    assert not key_file(here.data).exists()
    assert not here.data.exists()
