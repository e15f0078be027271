"""`wingline bench console` in small: a few days, a few people, two boards, a console in a process of its own."""

import asyncio
from pathlib import Path

from console.roles import PAGES
from models.words import AccountRole
from wingline.console_bench.command import Load, measure, spread
from wingline.console_bench.people import Crowd


def test_every_page_is_opened_and_every_board_hears_of_each_event(tmp_path: Path) -> None:
    crowd = Crowd(people=17, seconds=0, pause=0)
    found = asyncio.run(
        measure(tmp_path, f"sqlite:///{tmp_path / 'bench.db'}", crowd, Load(3, 2, browser=False, events=4, alone=1))
    )

    # Set-up needs telephones.
    assert {path for path, *_ in PAGES} - {"/set-up"} <= set(found["pages_ms"])
    assert {"/listeners/{address}", "/rota/drafts/{rota}", "/kept", "/account"} <= set(found["pages_ms"])
    assert found["cpu_ms"].keys() == found["pages_ms"].keys()
    assert (found["rows"]["calls"], found["boards_ms"]["lost"]) == (90, 0)
    assert found["boards_ms"]["from_written"]["count"] == 2 * 4


def test_people_are_of_every_role_in_the_same_shares() -> None:
    few, many = Crowd(6, 1, 1).roles, Crowd(100, 1, 1).roles

    assert len(few) == 6
    assert {role: many.count(role) for role in AccountRole} == {
        AccountRole.STAFF: 40,
        AccountRole.COORDINATOR: 32,
        AccountRole.SCHEME_PARTNER: 10,
        AccountRole.GOVERNOR: 6,
        AccountRole.MONITORING_BOARD: 6,
        AccountRole.TECHNICIAN: 6,
    }


def test_of_a_hundred_times_five_are_longer_than_the_95th_percentile() -> None:
    assert spread([float(number) for number in range(100)]) == {"count": 100, "p50": 49.5, "p95": 95.0, "max": 99.0}
    assert spread([]) == {"count": 0}
