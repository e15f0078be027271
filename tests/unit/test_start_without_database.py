"""A line that is started while its database is away."""

import pytest
from sqlalchemy.exc import OperationalError

from wingline import until_database
from wingline.until_database import until_the_database_answers

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Away:
    """Cannot be asked so many times, and then can."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    async def __call__(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise OperationalError("SELECT", None, ConnectionError())


async def test_it_asks_until_it_is_answered_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(until_database, "AGAIN_SECONDS", 0.0)
    away = Away(2)

    await until_the_database_answers(away)

    assert away.asked == 3


async def test_what_else_fails_is_not_tried_again() -> None:
    async def wrong() -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        await until_the_database_answers(wrong)
