"""What the year is made on: a prison that has its rows, a moment, and the same dice on every machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from wingline.site import SiteFile

Row = dict[str, Any]
Rows = Mapping[type[tables.Base], list[Row]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the year is made on."""

    site: str
    days: int
    zone: ZoneInfo
    now: datetime
    listeners: tuple[str, ...]
    cells: tuple[str, ...]
    phones: Mapping[str, str]
    random: Random
    serial: Callable[[], int]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def ground_of(session: Session, site: SiteFile, now: datetime, days: int) -> Ground:
    listeners = session.scalars(select(tables.Listener.id).order_by(tables.Listener.id))
    cells = session.scalars(select(tables.Cell.id).order_by(tables.Cell.id))
    phones = session.execute(select(tables.Phone.post, tables.Phone.id).where(tables.Phone.post.is_not(None)))
    return Ground(
        site=site.id,
        days=days,
        zone=ZoneInfo(site.site.zone),
        now=now,
        listeners=tuple(listeners),
        cells=tuple(cells),
        phones={post: phone for post, phone in phones if post},
        random=Random(1),  # noqa: S311  a made-up year, no secret
        serial=count(1).__next__,
    )
