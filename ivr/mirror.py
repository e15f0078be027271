"""Keeps Asterisk's own queue in step with the rota, for the minutes in which the line is not there."""

from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from ivr import store
from ivr.ami import Ami
from listeners.standing import may_take_calls
from listeners.store import candidates
from models.clock import now
from models.database import Database
from models.words import PhoneId, SiteId

log = structlog.get_logger()

QUEUE = "wl"
# Members of the queue go through this context, where a Listener presses 1 before the caller is given to them.
CONTEXT = "wl-alone-listener"


class QueueMirror:
    """The queue's members are the Listeners on duty who may take calls, and nobody else."""

    def __init__(
        self, ami: Ami, database: Database, site: SiteId, unreachable: Callable[[], frozenset[PhoneId]]
    ) -> None:
        self._ami = ami
        self._database = database
        self._site = site
        self._unreachable = unreachable

    async def bring_in_step(self) -> None:
        wanted = {_interface(phone): phone for phone in await self._database.run(self._on_duty)}
        rows = await self._ami.list_of("QueueStatus", "QueueStatusComplete", Queue=QUEUE)
        present = {row["Location"] for row in rows if row.name == "QueueMember"}
        for interface in wanted.keys() - present:
            await self._ami.act(
                "QueueAdd", Queue=QUEUE, Interface=interface, StateInterface=f"PJSIP/{wanted[interface]}"
            )
        for interface in present - wanted.keys():
            await self._ami.act("QueueRemove", Queue=QUEUE, Interface=interface)

    def _on_duty(self, session: Session) -> tuple[PhoneId, ...]:
        at = now()
        known = candidates(session, self._site, now=at, unreachable=self._unreachable())
        on = [one.id for one in known if one.on_shift and not (one.off_duty or one.away) and may_take_calls(one, at)]
        phones = (store.phone_of_listener(session, listener) for listener in on)
        return tuple(phone for phone in phones if phone)


def _interface(phone: PhoneId) -> str:
    return f"Local/{phone}@{CONTEXT}/n"
