"""What fails is logged by its kind: no message of a database's, which may repeat a row, and the next tick comes."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from models.database import Database
from models.errors import NotConnected
from tests.fakes.line import eventually
from wingline.ticking import Ticking

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("fault", "level"), [(NotConnected("Asterisk"), "warning"), (RuntimeError("cell A-1-008"), "error")]
)
async def test_a_tick_that_fails_is_logged_by_its_kind_and_comes_again(
    fault: Exception, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    ticks: list[float] = []

    async def tick() -> None:
        ticks.append(asyncio.get_running_loop().time())
        raise fault

    ticking = Ticking()
    with capture_logs() as logs:
        ticking.every(0.05, tick)
        assert await eventually(lambda: len(ticks) >= 2)
        await ticking.stop()

    assert logs[0]["event"] == "tick.failed"
    assert (logs[0]["log_level"], logs[0]["error"]) == (level, type(fault).__name__)
    assert "cell A-1-008" not in str(logs)
    assert not any(record.exc_info for record in caplog.records)


def test_the_message_of_a_database_error_repeats_no_row(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(OperationalError) as failed:
        database.do(lambda session: session.execute(text("INSERT INTO nowhere VALUES (:cell)"), {"cell": "A-1-008"}))
    database.close()

    assert "A-1-008" not in str(failed.value)
