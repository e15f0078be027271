"""A line that remembers what it was told, and an evening in a prison with a console."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import builders
import httpx

from console.ports import HearingNow
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from models.tables import Call, Escalation, Offer, Shift, Talk
from models.words import (
    CallStage,
    Cause,
    EscalationId,
    Instant,
    Outcome,
    Seat,
    SiteId,
)

PHRASE = "correct horse battery"
SITE = SiteId(builders.SITE)
CODE_NAMES = ("Kestrel", "Linnet", "Merlin", "Osprey")


@dataclass
class FakeLine:
    """Does to the rows what the escalation service does, and says that something changed."""

    database: Database
    asterisk_up: bool = True
    hears: HearingNow = field(default_factory=lambda: HearingNow(listening=True))
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    closed: list[tuple[str, str, bool, Outcome | None]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.awake.set()

    def hearing(self) -> HearingNow:
        return self.hears

    async def wait_for_change(self, at_most: float) -> None:
        self.loop = asyncio.get_running_loop()
        await self.awake.wait()
        try:
            await asyncio.wait_for(self.news.wait(), at_most)
        except TimeoutError:
            return
        self.news.clear()

    def tell(self) -> None:
        self._in_its_loop(self.news.set)

    def hang(self) -> None:
        self._in_its_loop(self.awake.clear)

    def wake(self) -> None:
        self._in_its_loop(self.awake.set)

    def _in_its_loop(self, act: Callable[[], None]) -> None:
        """A test is in another thread than the console."""
        assert self.loop
        self.loop.call_soon_threadsafe(act)

    def take(self, escalation: EscalationId, by: str) -> None:
        self._change(escalation, acknowledged_at=now(), acknowledged_by=by)

    async def acknowledge(self, escalation: EscalationId, by: str) -> None:
        self.acknowledged.append((escalation, by))
        self.take(escalation, by)

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        self.closed.append((escalation, by, spoken, outcome))
        if spoken:
            self._change(escalation, closed_at=now(), closed_by=by, outcome=outcome)
        else:
            self._change(escalation, acknowledged_at=None, acknowledged_by=None, round=1)

    def _change(self, escalation: EscalationId, **columns: Any) -> None:
        with self.database.transaction() as session:
            row = session.get(Escalation, escalation)
            if row is None or row.closed_at is not None:
                raise NotAllowed("answer the escalation", "it is closed")
            for column, value in columns.items():
                setattr(row, column, value)
        self.news.set()


def a_busy_evening(database: Database) -> None:
    """One waiting, one talking with Kestrel (who is helped by Linnet), Merlin ringing, a gap later."""
    at = now()
    with database.transaction() as session:
        session.add(_call("waiting", CallStage.WAITING, at - timedelta(seconds=75)))
        session.add(_call("talking", CallStage.TALKING, at - timedelta(minutes=12), listening=True))
        session.flush()
        for name, seat in (("Kestrel", Seat.FIRST), ("Linnet", Seat.SECOND)):
            session.add(
                Talk(
                    id=f"talk-{name}",
                    call_id="call-talking",
                    listener_id=f"listener-{name}",
                    seat=seat,
                    began_at=at - timedelta(minutes=11),
                )
            )
        session.add(
            Offer(id="offer-1", call_id="call-waiting", listener_id="listener-Merlin", seat=Seat.FIRST, rang_at=at)
        )
        for name in CODE_NAMES:
            session.add(_shift(name, at - timedelta(hours=2), at + timedelta(hours=3)))
        session.add(_shift("Merlin", at + timedelta(hours=3), at + timedelta(hours=30)))


def an_escalation(
    database: Database, name: str = "one", *, cause: Cause = Cause.DANGER_NOW, danger: str | None = "suicide_plan"
) -> EscalationId:
    raised = now()
    with database.transaction() as session:
        session.add(
            Escalation(
                id=f"escalation-{name}",
                site_id=SITE,
                cause=cause,
                danger=danger,
                cell_id="cell-b14",
                protocol={},
                raised_at=raised,
                due_at=raised + timedelta(seconds=60),
            )
        )
    return EscalationId(f"escalation-{name}")


def sign_in(browser: httpx.Client, name: str = "nurse", password: str = PHRASE) -> Any:
    page = browser.get("/sign-in")
    return browser.post("/sign-in", data={"token": token_in(page.text), "name": name, "password": password})


def token_in(html: str) -> str:
    return html.split('name="token" value="')[1].split('"', maxsplit=1)[0]


def _call(name: str, stage: CallStage, began_at: Instant, *, listening: bool = False) -> Call:
    return builders.a_call(name, stage=stage, began_at=began_at, waiting_since=began_at, listening=listening)


def _shift(name: str, starts_at: Instant, ends_at: Instant) -> Shift:
    return builders.a_shift_row(name, starts_at=starts_at, ends_at=ends_at)
