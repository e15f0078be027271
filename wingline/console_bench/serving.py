"""The console in a process of its own, as the line serves it: it is told on its standard input when to let a call come.

It answers each line with the moments before and after the call was written: of the clock that all processes of this
machine share, and of the wall. It also says how long it has computed, which other programs hardly change.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.orm import Session

from console.app import create_app
from console.ports import HearingNow
from console.signing_in_rules import SigningIn
from escalation.case import ByStaff
from escalation.profile import Welfare
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from models.tables import Call
from models.words import CallStage, EscalationId, Outcome, PhoneId
from wingline.console_bench.prison import a_prison
from wingline.heads_here import HeadsHere
from wingline.logs import LEVEL_VARIABLE, set_up_logs
from wingline.movements_cli import apart_key
from wingline.site_profiles import SiteProfiles

COMING = "call-of-the-bench"


@dataclass
class StandingLine:
    """A line with no telephones to attend to: everything is registered, and it says when something changed."""

    welfare: Welfare
    heads: HeadsHere
    asterisk_up: bool = True
    unreachable: frozenset[PhoneId] = frozenset()
    backup_warn_after: timedelta | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hearing(self) -> HearingNow:
        return HearingNow(listening=True)

    async def wait_for_change(self, at_most: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), at_most)

    def change(self) -> None:
        """As the line itself says it (wingline/wiring.py)."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def happened(self, escalation: EscalationId, event: ByStaff) -> None:
        raise NotAllowed(f"record {event} of {escalation}", "a bench tells nobody")

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        raise NotAllowed(f"close {escalation}", f"a bench tells nobody ({by}, {spoken}, {outcome})")


def console_of(folder: Path, database: Database) -> tuple[FastAPI, StandingLine, str]:
    """The whole console of the prison whose site file is in ``folder``, its line, and the site's id."""
    settings, site, secret = a_prison(folder, database.url, now().date())
    line = StandingLine(site.profile().welfare, HeadsHere(settings.data, site.id, site.site.zone))
    app = create_app(
        database,
        line=line,
        secret=secret,
        site=site.id,
        scheme=site.scheme(),
        swaps_by_rule=site.swaps_by_rule,
        apart_key=apart_key(settings),
        rules=SigningIn(),
        profiles_here=SiteProfiles(settings, site, database),
    )
    return app, line, site.id


async def serve(folder: Path, url: str) -> None:
    database = Database(url)
    app, line, site = console_of(folder, database)
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells nobody
        await asyncio.sleep(0.01)
    _say({"port": server.servers[0].sockets[0].getsockname()[1]})
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := (await orders.readline()).decode().strip():
        if order == "cpu":
            _say({"cpu": time.process_time()})
            continue
        before = time.monotonic()
        await database.run(lambda session, comes=order == "comes": _a_call(session, site, comes=comes))  # type: ignore[misc]
        written, wall = time.monotonic(), time.time()
        line.change()
        _say({"before": before, "written": written, "wall": wall})
    server.should_exit = True
    await serving
    database.close()


def _a_call(session: Session, site: str, *, comes: bool) -> None:
    """One caller begins to wait, or has gone."""
    session.execute(delete(Call).where(Call.id == COMING))
    if comes:
        at = now()
        session.add(
            Call(id=COMING, site_id=site, stage=CallStage.WAITING, language="en", began_at=at, waiting_since=at)
        )


def _say(what: dict[str, float]) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # What is said on the way out is the bench's alone.
    os.environ.setdefault(LEVEL_VARIABLE, "ERROR")
    set_up_logs()
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
