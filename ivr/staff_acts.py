"""What staff do with an escalation on their line or on the console; when the first of them goes, the call hears it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from escalation.case import ByStaff, Closed, HandedOver
from escalation.store import Open, open_at
from ivr.ports import Ports
from models.clock import now
from models.words import EscalationId, SiteId


class StaffActs:
    """``acknowledged`` tells the call, if it still lives (``Desk.acknowledged``)."""

    def __init__(self, ports: Ports, acknowledged: Callable[[EscalationId], None]) -> None:
        self._ports = ports
        self._acknowledged = acknowledged

    async def happened(self, escalation: EscalationId, event: ByStaff) -> bool:
        """False when it changes nothing any more."""
        site = self._ports.site
        before = await self._ports.database.run(lambda db: standing(db, site, escalation))
        counted = await self._ports.engine.happened(escalation, event, now())
        somebody_goes = not isinstance(event, HandedOver)
        if counted and somebody_goes and before and before.acknowledged_at is None:
            self._acknowledged(escalation)
        self._ports.changed()
        return counted

    async def close(self, escalation: EscalationId, closed: Closed) -> bool:
        """False when it was closed already."""
        counted = await self._ports.engine.close(escalation, closed, now())
        self._ports.changed()
        return counted


def standing(db: Session, site: SiteId, escalation: EscalationId) -> Open | None:
    """None when it is closed."""
    return next((one for one in open_at(db, site) if one.id == escalation), None)
