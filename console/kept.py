"""What is kept about whom, to be read and printed by everybody who is signed in (domain.md 5.3, O6)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response

from console import complaints, rendering
from console.desk import AtDesk, needs
from console.language import Words
from console.rendering import Reader
from console.roles import Ability
from models.kept import FIRST, LAST, Person, kept_about

router = APIRouter(prefix="/kept")

WHO = Words(
    {
        Person.CALLER: "Callers",
        Person.LISTENER: "Listeners",
        Person.STAFF: "Staff",
        Person.COORDINATOR: "Coordinators",
    }
)


@router.get("")
async def kept_page(
    desk: AtDesk,
    reader: Annotated[Reader, Depends(needs(Ability.SEE_KEPT))],
    person: Annotated[Person | None, Query(alias="for")] = None,
) -> Response:
    """About all of them, or about one, on sheets of their own."""
    about = {one: kept_about(one) for one in ([person] if person else Person)}
    content = {"reader": reader, "site": await desk.site_named(), "who": WHO, "first": FIRST, "last": LAST}
    content |= {"complaints": complaints, "complain_to": desk.complain_to}
    return HTMLResponse(rendering.page("kept.html", about=about, chosen=person, **content))
