"""All that a call needs of the rest of the line."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from escalation.engine import Engine
from escalation.profile import Profile
from ivr.being_told import BeingTold
from ivr.call import Rules
from ivr.legs import Telephony
from ivr.owed import Owed
from ivr.prompt_files import PromptFiles
from listeners.welfare import Welfare
from models.database import Database
from models.errors import WinglineError
from models.traced import UNTRACED, Span
from models.words import CallId, NodeId, PhoneId, SiteId
from rota.scheme import Scheme

ALONE = NodeId("line")

log = structlog.get_logger()


class Ears(Protocol):
    """The speech process, as far as the line knows it."""

    @property
    def listens(self) -> bool:
        """It can be reached, and nobody has turned it off."""

    @property
    def heard(self) -> frozenset[CallId]:
        """What speech says that it hears now."""

    async def forget(self, call: CallId) -> None:
        """Everything heard of the call is wiped, and no more is heard."""


@dataclass(slots=True)
class Errands:
    """Work that runs beside a call; its failure is logged by kind and never reaches the call."""

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Stopped before its first step, it would be a coroutine that nobody has awaited.
        task.add_done_callback(lambda _: work.close())
        return task

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()


@dataclass(slots=True)
class InOrder:
    """Errands that wait for one another, and for which nobody who speaks to a caller waits: a database may be slow."""

    _errands: Errands
    _last: asyncio.Task[None] | None = None

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        before = self._last

        async def after_that() -> None:
            if before:
                await asyncio.wait({before})
            await work()

        self._last = self._errands.start(after_that())

    async def until_done(self) -> None:
        if self._last:
            await asyncio.wait({self._last})


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except WinglineError as fault:
        log.warning("errand.failed", error=type(fault).__name__)
    except Exception as fault:  # noqa: BLE001  a message may hold a channel's name; the call goes on
        log.error("errand.failed", error=type(fault).__name__)  # noqa: TRY400  no traceback, for the same reason


@dataclass(frozen=True, slots=True)
class Ports:
    """The edges that the calls of one site use; ``changed`` tells the board.

    Without a scheme a coordinator writes the rota by hand: nobody signs on late, swaps, or is asked to cover.
    """

    database: Database
    telephony: Telephony
    engine: Engine
    ears: Ears
    prompts: PromptFiles
    site: SiteId
    rules: Callable[[], Rules]
    changed: Callable[[], None]
    errands: Errands = field(default_factory=Errands)
    # The name of this process of the line, when several work on one database.
    node: NodeId = ALONE
    scheme: Scheme | None = None
    swaps_by_rule: bool = False
    # Callers of a Listener's own wing are kept from them as well, where the site wants it.
    same_wing_too: bool = False
    owed: Owed = field(default_factory=Owed)
    being_told: BeingTold = field(default_factory=BeingTold)
    # Where a call's trace begins, if a collector is told of any.
    traces: Span = UNTRACED
    # By the phones with which the line calls itself: a site beside this one, so that the call reaches nobody else.
    itself: "Mapping[PhoneId, Ports]" = field(default_factory=dict)

    def of(self, phone: PhoneId) -> "Ports":
        return self.itself.get(phone, self)

    @property
    def profile(self) -> Profile:
        return self.rules().profile

    @property
    def rest(self) -> Welfare:
        """What a rest after a call follows from."""
        return self.profile.welfare
