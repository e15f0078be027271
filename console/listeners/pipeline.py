"""The page of all Listeners: how many stand where on the way to a certificate, who, and what each still lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from console import rendering
from console.desk import AtDesk, Desk
from console.listeners import wording
from console.listeners.addresses import Addresses
from console.listeners.readers import AListenersReader, AtAddresses
from console.rota.store import names_of
from listeners.overview import Overview, overview
from models.clock import now
from models.words import Standing
from rota.people import zone_of

router = APIRouter(prefix="/listeners")

# The way to a certificate, and where it ends or is left.
THE_WAY = (Standing.APPLIED, Standing.CLEARED, Standing.TRAINING, Standing.SHADOWING, Standing.CERTIFIED)
ASIDE = (Standing.SUSPENDED, Standing.LAPSED, Standing.LEFT)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """One Listener of a stage; ``lacking`` before ``following``, or before they may take calls again."""

    code_name: str
    address: str
    since: str
    following: str
    lacking: tuple[str, ...]
    warnings: tuple[str, ...]
    wants_debrief: bool


@dataclass(frozen=True, slots=True)
class Stage:
    standing: Standing
    named: str
    listeners: tuple[OnTheWay, ...]


@router.get("")
async def listeners_page(desk: AtDesk, addresses: AtAddresses, reader: AListenersReader) -> Response:
    stages = await desk.database.run(lambda session: _read(session, desk, addresses, now()))
    html = rendering.page(
        "listeners.html",
        site=await desk.site_named(),
        reader=reader,
        say=wording,
        way=[stages[standing] for standing in THE_WAY],
        aside=[stages[standing] for standing in ASIDE],
        anybody=any(stage.listeners for stage in stages.values()),
    )
    return HTMLResponse(html)


def _read(session: Session, desk: Desk, addresses: Addresses, at: datetime) -> Mapping[Standing, Stage]:
    ids = {code_name: listener for listener, code_name in names_of(session, desk.site).items()}
    address = {code_name: addresses.of(listener) for code_name, listener in ids.items()}
    found = overview(session, desk.site, now=at, rules=desk.line.welfare)
    return stages_of(found, address, zone_of(session, desk.site))


def stages_of(found: Sequence[Overview], address: Mapping[str, str], zone: ZoneInfo) -> Mapping[Standing, Stage]:
    return {
        standing: Stage(
            standing,
            wording.STANDINGS[standing],
            tuple(_shown(one, address, zone) for one in found if one.so_far.standing is standing),
        )
        for standing in Standing
    }


def _shown(one: Overview, address: Mapping[str, str], zone: ZoneInfo) -> OnTheWay:
    return OnTheWay(
        code_name=one.code_name,
        address=address[one.code_name],
        since=wording.date_of(one.since, zone) if one.since else "",
        following=wording.STANDINGS[one.following] if one.following else "",
        lacking=tuple(wording.lacking(one.lacking)),
        warnings=tuple(wording.warning(each, zone) for each in one.warnings),
        wants_debrief=one.wants_debrief,
    )
