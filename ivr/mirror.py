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
        unreachable = self._unreachable()
        phones = await self._database.run(lambda session: phones_on_duty(session, self._site, unreachable))
        wanted = {_interface(phone): phone for phone in phones}
        present = await members(self._ami)
        for interface in wanted.keys() - present:
            await self._ami.act(
                "QueueAdd", Queue=QUEUE, Interface=interface, StateInterface=f"PJSIP/{wanted[interface]}"
            )
        for interface in present - wanted.keys():
            await self._ami.act("QueueRemove", Queue=QUEUE, Interface=interface)


def phones_on_duty(session: Session, site: SiteId, unreachable: frozenset[PhoneId]) -> frozenset[PhoneId]:
    """Of those whom the line itself would ring now, were they free."""
    at = now()
    known = candidates(session, site, now=at, unreachable=unreachable)
    on = [one.id for one in known if one.on_shift and not (one.off_duty or one.away) and may_take_calls(one, at)]
    phones = (store.phone_of_listener(session, listener) for listener in on)
    return frozenset(phone for phone in phones if phone)


async def members(ami: Ami) -> frozenset[str]:
    """The queue's members as Asterisk has them."""
    rows = await ami.list_of("QueueStatus", "QueueStatusComplete", Queue=QUEUE)
    return frozenset(row["Location"] for row in rows if row.name == "QueueMember")


def in_step(phones: frozenset[PhoneId], present: frozenset[str]) -> bool:
    return {_interface(phone) for phone in phones} == present


def _interface(phone: PhoneId) -> str:
    return f"Local/{phone}@{CONTEXT}/n"
