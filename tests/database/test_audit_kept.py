"""What goes after two years and leaves the rest whole; and the heads, which see what the chain alone cannot."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audit_world import LONG_AGO, TODAY, chain, execute, noting, numbers, said, with_entries, without_triggers
from races import at_once
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from models import audit
from models.clock import now
from models.database import Database
from wingline.audit_files import heads_folder, read_heads, settle_heads, signing_key
from wingline.audit_heads import by_fingerprint, wrong_heads

SITE, ZONE = "demo", "Europe/London"
EVENING = datetime(2026, 11, 25, 20, tzinfo=UTC)


# ---- forgetting


def test_after_two_years_entries_go_and_the_rest_is_still_whole(database: Database) -> None:
    with_entries(database, LONG_AGO, LONG_AGO, TODAY)
    last_gone = chain(database).entries[1].link

    assert database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT)) == 2
    assert numbers(database) == [3]
    assert chain(database).anchors == (last_gone,)
    assert said(database) == []
    assert database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT)) == 0


def test_when_all_have_gone_the_chain_goes_on_from_there(database: Database) -> None:
    with_entries(database, LONG_AGO, LONG_AGO)
    database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT))
    with_entries(database, LONG_AGO, TODAY)
    database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT))

    assert numbers(database) == [4]
    assert [anchor.number for anchor in chain(database).anchors] == [3]
    assert said(database) == []


def test_whatever_moment_is_asked_for_nothing_younger_than_two_years_goes(database: Database) -> None:
    with_entries(database, LONG_AGO, now() - timedelta(days=729))

    assert database.do(lambda session: audit.forget_before(session, now())) == 1
    assert numbers(database) == [2]


def test_an_older_entry_behind_a_younger_one_waits_for_it(database: Database) -> None:
    with_entries(database, LONG_AGO, TODAY, LONG_AGO)

    assert database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT)) == 1
    assert numbers(database) == [2, 3]
    assert said(database) == []


def test_two_nodes_that_forget_while_others_write_leave_one_chain(database: Database) -> None:
    with_entries(database, *[LONG_AGO] * 5, TODAY)
    acts: list[Callable[[Session], object]] = [noting(f"esc-{number}") for number in range(8)]
    acts += [lambda session: audit.forget_before(session, TODAY - audit.KEPT)] * 2
    at_once(database, acts)

    assert numbers(database) == list(range(6, 15))
    assert said(database) == []


# ---- heads


def settle(database: Database, data: Path, at: datetime) -> list[str]:
    heads = database.do(lambda session: settle_heads(session, data, site=SITE, zone=ZONE, now=at))
    return [head.day.isoformat() for head in heads]


def against_heads(database: Database, data: Path) -> list[str]:
    keys = by_fingerprint([signing_key(data).public_key()])
    heads = read_heads(heads_folder(data))
    return [one.sentence for one in wrong_heads(heads, chain(database), site=SITE, keys=keys, today=TODAY.date())]


def test_a_day_gets_its_head_when_it_is_over_and_one_only(database: Database, tmp_path: Path) -> None:
    with_entries(database, EVENING, EVENING + timedelta(hours=5))

    assert settle(database, tmp_path, EVENING) == ["2026-11-24"]
    assert settle(database, tmp_path, EVENING + timedelta(hours=3, minutes=59)) == []
    assert settle(database, tmp_path, EVENING + timedelta(hours=4)) == ["2026-11-25"]
    assert settle(database, tmp_path, EVENING + timedelta(hours=4)) == []
    heads = read_heads(tmp_path / "audit")
    assert [(name, head.last.number, head.kept) for name, head in heads.items() if head] == [
        ("2026-11-24.head", 0, 0),
        ("2026-11-25.head", 1, 1),
    ]
    assert against_heads(database, tmp_path) == []


def test_days_on_which_the_line_was_off_are_filled_in(database: Database, tmp_path: Path) -> None:
    with_entries(database, EVENING)
    settle(database, tmp_path, EVENING)

    assert settle(database, tmp_path, EVENING + timedelta(days=3)) == ["2026-11-25", "2026-11-26", "2026-11-27"]


def test_a_day_ends_at_the_sites_own_midnight(database: Database, tmp_path: Path) -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert settle(database, tmp_path, summer) == ["2026-07-01"]


def test_a_head_that_was_damaged_is_not_signed_anew(database: Database, tmp_path: Path) -> None:
    settle(database, tmp_path, EVENING)
    (tmp_path / "audit/2026-11-24.head").write_text("gone")

    assert settle(database, tmp_path, EVENING + timedelta(hours=4)) == ["2026-11-25"]
    assert against_heads(database, tmp_path) == ["2026-11-24.head is not a head, or part of it is gone"]


# ---- heads, and a clock that is wrong for a while

FORTY_DAYS = timedelta(days=40)


def days_with_a_head(data: Path) -> list[str]:
    return [name.removesuffix(".head") for name in read_heads(heads_folder(data))]


def test_heads_of_days_to_come_do_not_stand_for_those_of_the_days_when_they_are_over(
    database: Database, tmp_path: Path
) -> None:
    settle(database, tmp_path, EVENING)
    assert len(settle(database, tmp_path, EVENING + FORTY_DAYS)) == 40
    with_entries(database, EVENING + timedelta(minutes=1))

    assert settle(database, tmp_path, EVENING + timedelta(hours=1)) == []
    assert settle(database, tmp_path, EVENING + timedelta(hours=4)) == ["2026-11-25"]
    newest = read_heads(heads_folder(tmp_path))["2026-11-25.head"]
    assert newest
    assert newest.last == chain(database).entries[-1].link
    assert settle(database, tmp_path, EVENING + timedelta(days=1, hours=4)) == ["2026-11-26"]
    assert against_heads(database, tmp_path) == []


def test_heads_of_days_to_come_are_put_aside_and_not_thrown_away(database: Database, tmp_path: Path) -> None:
    settle(database, tmp_path, EVENING)
    settle(database, tmp_path, EVENING + FORTY_DAYS)
    with capture_logs() as logs:
        settle(database, tmp_path, EVENING + timedelta(hours=4))

    assert days_with_a_head(tmp_path) == ["2026-11-24", "2026-11-25"]
    assert len(list(heads_folder(tmp_path).glob("*.head.early-20261126T000000Z"))) == 40
    assert [one["heads"] for one in logs if one["event"] == "audit.heads_put_aside"] == [40]


def test_a_head_of_yesterday_that_was_signed_ahead_of_its_time_is_signed_anew(
    database: Database, tmp_path: Path
) -> None:
    with_entries(database, EVENING)
    settle(database, tmp_path, EVENING + FORTY_DAYS)

    assert settle(database, tmp_path, EVENING + timedelta(hours=4)) == ["2026-11-25"]


@pytest.mark.parametrize("behind", [timedelta(days=3), timedelta(days=365 * 20)])
def test_a_clock_that_is_behind_changes_no_head(database: Database, tmp_path: Path, behind: timedelta) -> None:
    with_entries(database, EVENING)
    for days in range(10):
        settle(database, tmp_path, EVENING + timedelta(days=days))
    before = read_heads(heads_folder(tmp_path))

    assert settle(database, tmp_path, EVENING + timedelta(days=9) - behind) == []
    assert read_heads(heads_folder(tmp_path)) == before


def test_heads_and_key_are_ours_alone(database: Database, tmp_path: Path) -> None:
    settle(database, tmp_path, EVENING)

    assert (tmp_path / "audit-key.pem").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in (tmp_path / "audit").iterdir()] == ["2026-11-24.head"]
    assert signing_key(tmp_path).public_key() == signing_key(tmp_path).public_key()


def test_an_end_that_was_cut_off_is_found_by_the_head(database: Database, tmp_path: Path) -> None:
    with_entries(database, *[EVENING] * 5)
    settle(database, tmp_path, EVENING + timedelta(days=1))
    without_triggers(database)
    execute(database, "DELETE FROM acts WHERE id > 3")

    assert said(database) == []
    assert against_heads(database, tmp_path) == [
        "2026-11-25.head: entries 4 to 5 had been written by then and the end was cut off"
    ]


def test_a_chain_that_was_made_anew_is_found_by_the_head_even_when_it_has_grown(
    database: Database, tmp_path: Path
) -> None:
    with_entries(database, *[EVENING] * 5)
    settle(database, tmp_path, EVENING + timedelta(days=1))
    without_triggers(database)
    execute(database, "DELETE FROM acts WHERE id > 3")
    with_entries(database, *[EVENING] * 4)

    assert said(database) == []
    assert against_heads(database, tmp_path) == [
        "2026-11-25.head: among entries 1 to 5 something was changed, and the chain was made anew after it"
    ]


def test_heads_still_fit_when_entries_have_been_forgotten(database: Database, tmp_path: Path) -> None:
    with_entries(database, LONG_AGO)
    settle(database, tmp_path, LONG_AGO + timedelta(days=1))
    with_entries(database, LONG_AGO + timedelta(days=2), TODAY)
    database.do(lambda session: audit.forget_before(session, TODAY - audit.KEPT))
    settle(database, tmp_path, LONG_AGO + timedelta(days=40))

    assert numbers(database) == [3]
    assert against_heads(database, tmp_path) == []


@pytest.mark.parametrize(
    "done",
    ["UPDATE acts SET who = 'robin' WHERE id = 3", "DELETE FROM acts WHERE id > 1", "DELETE FROM acts"],
)
def test_the_line_itself_notices_by_the_next_night(done: str, database: Database, tmp_path: Path) -> None:
    with_entries(database, EVENING)
    settle(database, tmp_path, EVENING + timedelta(days=1))
    with_entries(database, EVENING + timedelta(days=1))
    with capture_logs() as quiet:
        settle(database, tmp_path, EVENING + timedelta(days=2))
    with_entries(database, EVENING + timedelta(days=2))
    without_triggers(database)
    execute(database, done)
    with capture_logs() as logs:
        settle(database, tmp_path, EVENING + timedelta(days=3))

    assert [one["event"] for one in quiet] == ["audit.heads"]
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["audit.broken"]
