"""The race of claims: several processes press 1 for the same caller in the same moment, thousands of times."""

import multiprocessing
import queue
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any, Self, TypeAlias

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners.store import claim
from models import tables
from models.clock import now
from models.database import Database
from models.errors import OurFault
from models.words import CallStage, OfferEnd, OfferId, Seat, Standing
from wingline.bench.figures import times

SITE = "bench"
# So many races are prepared together; a Listener is rung for one caller at a time.
BATCH = 200
# Who presses a little later may win as well, when the first stands behind a lock.
_APART_SECONDS = 0.002
_PATIENCE_SECONDS = 60.0

Pressed: TypeAlias = tuple[int, int, bool | None, float]


class RunnerLost(OurFault):
    def __init__(self) -> None:
        super().__init__("a process of the race ended before its race was over; run it again when the machine is idle")


@dataclass(slots=True)
class Race:
    """``failed``: claims that the database refused with an error; who pressed hears that it was taken."""

    races: int = 0
    claims: int = 0
    failed: int = 0
    without_winner: int = 0
    several_winners: int = 0
    # The process that was told it had won is not the one that the database seated.
    told_wrongly: int = 0
    won_by: dict[int, int] = field(default_factory=dict)
    claim_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def broken(self) -> int:
        return self.without_winner + self.several_winners + self.told_wrongly

    def as_found(self) -> dict[str, Any]:
        return {
            "races": self.races,
            "claims": self.claims,
            "claims_refused_by_an_error": self.failed,
            "without_winner": self.without_winner,
            "several_winners": self.several_winners,
            "told_wrongly": self.told_wrongly,
            "won_by_process": [self.won_by[one] for one in sorted(self.won_by)],
            **times("claim", self.claim_ms),
            "seconds": round(self.seconds, 1),
        }


def race(url: str, *, races: int, processes: int, until: float) -> Race:
    """``until``: on time.monotonic(); what has not been raced by then is left out."""
    database, found, began = Database(url), Race(won_by=dict.fromkeys(range(processes), 0)), time.monotonic()
    batch = min(BATCH, races)
    with database.transaction() as session:
        _a_prison(session, listeners=batch * processes)
    try:
        with _Runners(url, processes) as ran:
            for first in range(0, races, batch):
                if time.monotonic() > until:
                    break
                wanted = range(first, min(first + batch, races))
                with database.transaction() as session:
                    _prepare(session, wanted, processes)
                pressed = ran.run(wanted)
                with database.transaction() as session:
                    judge(found, pressed, _seated(session, wanted))
                    _clear(session)
    finally:
        database.close()
    found.seconds = time.monotonic() - began
    return found


def judge(found: Race, pressed: Sequence[Pressed], seated: dict[int, list[int]]) -> None:
    """``seated``: by race, the processes whose Listener the database has in the call."""
    told: dict[int, list[int]] = {number: [] for number in seated}
    for number, process, won, took in pressed:
        found.claims += 1
        found.claim_ms.append(took)
        found.failed += won is None
        if won:
            told[number].append(process)
    for number, winners in seated.items():
        found.races += 1
        found.without_winner += not winners
        found.several_winners += len(winners) > 1
        found.told_wrongly += told[number] != winners
        for winner in winners:
            found.won_by[winner] += 1


class _Runners:
    """The processes, which wait for each other before every claim."""

    def __init__(self, url: str, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._orders = [context.SimpleQueue() for _ in range(processes)]
        self._results = context.Queue()
        # Kept: a child finds it by a name that is gone with it.
        self._line = line = context.Barrier(processes)
        self._all = [
            context.Process(target=_runner, args=(url, number, line, orders, self._results), daemon=True)
            for number, orders in enumerate(self._orders)
        ]

    def __enter__(self) -> Self:
        for one in self._all:
            one.start()
        return self

    def run(self, races: range) -> list[Pressed]:
        for orders in self._orders:
            orders.put(races)
        return [one for _ in self._all for one in self._next_result()]

    def _next_result(self) -> list[Pressed]:
        while all(one.is_alive() for one in self._all):
            with suppress(queue.Empty):
                return list(self._results.get(timeout=1))
        raise RunnerLost

    def __exit__(self, *_: object) -> None:
        for orders in self._orders:
            orders.put(None)
        for one in self._all:
            one.join(_PATIENCE_SECONDS / 10)
            if one.is_alive():
                one.kill()


def _runner(url: str, process: int, line: Barrier, orders: Any, results: Any) -> None:
    database = Database(url)
    while (races := orders.get()) is not None:
        results.put([_press(database, number, process, line) for number in races])
    database.close()


def _press(database: Database, race: int, process: int, line: Barrier) -> Pressed:
    offer = OfferId(f"offer-{race}-{process}")
    line.wait(_PATIENCE_SECONDS)
    time.sleep(random.uniform(0, _APART_SECONDS))  # noqa: S311 - not a secret
    began = time.perf_counter()
    won: bool | None
    try:
        won = database.do(partial(claim, offer=offer, now=now()))
    except DBAPIError:
        won = None
    return race, process, won, 1000 * (time.perf_counter() - began)


def _a_prison(session: Session, *, listeners: int) -> None:
    site = {"name": "HMP Bench", "zone": "Europe/London", "short_code": "100", "language": "en"}
    session.add(tables.Site(id=SITE, profile="uk-listener-adult", **site))
    session.flush()
    session.add(tables.Wing(id="wing-bench", site_id=SITE, name="Bench", letter="A", backup_wing_id=None))
    session.flush()
    session.add_all(_listener(number) for number in range(listeners))


def _listener(number: int) -> tables.Listener:
    return tables.Listener(
        id=f"listener-{number}",
        site_id=SITE,
        wing_id="wing-bench",
        code_name=f"Bird {number}",
        standing=Standing.CERTIFIED.value,
        languages=["en"],
    )


def _prepare(session: Session, races: range, processes: int) -> None:
    """A caller for each race who rings one Listener for each process."""
    at = now()
    session.add_all(_call(number, at) for number in races)
    session.flush()
    session.add_all(_offers(races, processes, at))


def _call(number: int, at: datetime) -> tables.Call:
    stage = CallStage.WAITING.value
    return tables.Call(id=f"call-{number}", site_id=SITE, stage=stage, language="en", listening=False, began_at=at)


def _offers(races: range, processes: int, at: datetime) -> Iterator[tables.Offer]:
    for place, number in enumerate(races):
        for process in range(processes):
            yield tables.Offer(
                id=f"offer-{number}-{process}",
                call_id=f"call-{number}",
                listener_id=f"listener-{place * processes + process}",
                seat=Seat.FIRST.value,
                rang_at=at,
            )


def _seated(session: Session, races: range) -> dict[int, list[int]]:
    """By the talks, and not by what anybody was told."""
    asked = (
        select(tables.Talk.call_id, tables.Offer.id)
        .join(
            tables.Offer,
            (tables.Offer.call_id == tables.Talk.call_id) & (tables.Offer.listener_id == tables.Talk.listener_id),
        )
        .where(tables.Talk.ended_at.is_(None))
    )
    seated: dict[int, list[int]] = {number: [] for number in races}
    for call, offer in session.execute(asked):
        seated[int(call.rpartition("-")[2])].append(int(offer.rpartition("-")[2]))
    return seated


def _clear(session: Session) -> None:
    at = now()
    session.execute(update(tables.Talk).where(tables.Talk.ended_at.is_(None)).values(ended_at=at))
    left = update(tables.Offer).where(tables.Offer.ended_at.is_(None))
    session.execute(left.values(ended_at=at, end=OfferEnd.LOST.value))
    ended = update(tables.Call).where(tables.Call.ended_at.is_(None))
    session.execute(ended.values(ended_at=at, stage=CallStage.ENDED.value))
