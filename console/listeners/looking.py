"""A look at the Listeners: of one site, with what the line says now, at one moment."""

from dataclasses import dataclass
from datetime import datetime

from console.desk import Desk
from console.listeners.addresses import Addresses
from console.ports import LineView
from models.clock import now
from models.words import SiteId


@dataclass(frozen=True, slots=True)
class Look:
    site: SiteId
    line: LineView
    addresses: Addresses
    now: datetime


def look(desk: Desk, addresses: Addresses) -> Look:
    return Look(desk.site, desk.line, addresses, now())
