"""A line that remembers what it was told, and an evening in a prison with a console."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import builders
import httpx

from console.ports import HeadSeen, HeadsHeld, HearingNow
from console.signing_in_rules import SigningIn
from escalation import store
from escalation.case import Acknowledged, ByStaff, Closed, Raised
from escalation.engine import Engine
from escalation.profile import Welfare
from escalation.profile_file import load
from escalation.protocol import advance
from models.audit import Chain
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from models.tables import Call, Offer, Shift, Talk, Telling
from models.words import CallStage, Cause, EscalationId, Instant, Outcome, PhoneId, Post, Seat, SiteId
from tests.fakes.line import CHOICES
from tests.fakes.staff import SilentPhones, an_engine

PHRASE = "correct horse battery"
# As in a demonstration: tests of signing in itself have a second factor (test_signing_in.py).
PASSWORD_ALONE = SigningIn(second_factor=False)
SITE = SiteId(builders.SITE)
CODE_NAMES = ("Kestrel", "Linnet", "Merlin", "Osprey")


@dataclass
class SomeHeads:
    """Heads as a test says."""

    newest: HeadSeen | None = None
    held: HeadsHeld = field(default_factory=lambda: HeadsHeld(0, ()))

    def last(self) -> HeadSeen | None:
        return self.newest

    def held_against(self, chain: Chain, now: Instant) -> HeadsHeld:
        del chain, now
        return self.held


@dataclass
class FakeLine:
    """A real engine whose phones are silent; remembers what it was told, and says that something changed."""

    database: Database
    asterisk_up: bool = True
    hears: HearingNow = field(default_factory=lambda: HearingNow(listening=True))
    happenings: list[tuple[str, ByStaff]] = field(default_factory=list)
    closed: list[tuple[str, str, bool, Outcome | None]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    phones: SilentPhones = field(default_factory=SilentPhones)
    unreachable: frozenset[PhoneId] = frozenset()
    welfare: Welfare = field(default_factory=builders.a_welfare)
    heads: SomeHeads = field(default_factory=SomeHeads)
    backup_warn_after: timedelta | None = None

    def __post_init__(self) -> None:
        self.awake.set()

    @property
    def engine(self) -> Engine:
        """Each loop needs its own."""
        return an_engine(self.database, self.phones)

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

    def take(self, escalation: EscalationId, by: Post) -> None:
        """By phone, while somebody looks at the board."""
        assert self.loop
        act = self.engine.happened(escalation, Acknowledged(by, by), now())
        asyncio.run_coroutine_threadsafe(act, self.loop).result(5)
        self.tell()

    async def happened(self, escalation: EscalationId, event: ByStaff) -> None:
        self.happenings.append((escalation, event))
        if not await self.engine.happened(escalation, event, now()):
            raise NotAllowed("record this", "it is closed")
        self.news.set()

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        self.closed.append((escalation, by, spoken, outcome))
        if not await self.engine.close(escalation, Closed(by, spoken, outcome), now()):
            raise NotAllowed("close", "it is closed")
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
    database: Database,
    name: str = "one",
    *,
    cause: Cause = Cause.DANGER_NOW,
    danger: str | None = "suicide_plan",
    **columns: Any,
) -> EscalationId:
    """Raised now under the adults' profile, in B-2-014, and the nurse's phone rings; ``columns`` as a test says."""
    raising = store.Raise(site=SITE, cause=cause, profile=load("uk-listener-adult", CHOICES))
    with database.transaction() as session:
        row = store.insert(session, raising, now())
        row.id = f"escalation-{name}"
        row.danger, row.cell_id = danger, "cell-b14"
        store.write(session, row, advance(store.case_of(session, row), Raised(), now())[0])
        for column, value in columns.items():
            setattr(row, column, value)
        rung = {"phone_id": "phone-nurse", "post": Post.HEALTHCARE, "step": 0, "round": 0, "rang_at": now()}
        session.add(Telling(id=f"tell-{name}", escalation_id=row.id, **rung))
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
