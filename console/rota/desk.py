"""What the pages of the rota need: a coordinator, and a site that has settled which shifts come again."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse, Response

from console import rendering
from console.desk import AtDesk, Desk, needs
from console.language import Cannot, _
from console.listeners.addresses import Addresses
from console.listeners.readers import AtAddresses
from console.rendering import Reader
from console.roles import Ability
from console.rota import wording
from console.rota.store import Looking
from models.clock import now
from models.errors import UnknownName
from rota.scheme import Scheme

# Dates that a calendar can count on from, forwards and backwards.
YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class RotaDesk:
    """A coordinator at the rota of a site that has a scheme for it."""

    desk: Desk
    reader: Reader
    scheme: Scheme
    addresses: Addresses

    def looking(self) -> Looking:
        return Looking(self.desk.site, self.scheme, self.addresses, now())


ARotaReader = Annotated[Reader, Depends(needs(Ability.EDIT_ROTA))]


def rota_desk(desk: AtDesk, reader: ARotaReader, addresses: AtAddresses) -> RotaDesk:
    scheme = scheme_of(desk)
    if scheme is None:
        raise Cannot(_("cannot change the rota: the site file has no [[patterns]] and no [rota]; write them first"))
    return RotaDesk(desk, reader, scheme, addresses)


AtRota = Annotated[RotaDesk, Depends(rota_desk)]


def scheme_of(desk: Desk) -> Scheme | None:
    return desk.scheme if desk.scheme is not None and desk.scheme.patterns else None


async def show(desk: Desk, reader: Reader, name: str, *, status: int = 200, **content: object) -> Response:
    site = await desk.site_named()
    html = rendering.page(name, site=site, reader=reader, say=wording, **content)
    return HTMLResponse(html, status)


def day_from(text: str) -> date:
    """UnknownName for what is no day of a calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnknownName("day", text) from None
    if day.year not in YEARS:
        raise UnknownName("day", text)
    return day
