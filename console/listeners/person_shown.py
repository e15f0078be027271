"""A Listener's page: everything of the person, what a form of it said, and what came of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from console import rendering
from console.desk import Desk
from console.listeners import wording
from console.listeners.addresses import Addresses
from console.listeners.charts import BAR_WIDTH, HEIGHT, WIDTH, weeks_chart
from console.listeners.loads import ListenerLoad
from console.listeners.loads_store import loads_of
from console.listeners.looking import Look, look
from console.listeners.person_store import Person, person
from console.listeners.steps import possible
from console.rendering import Reader
from listeners.journey import FIRST_TRAINING, RECURRING
from models.words import ListenerId
from rota.people import zone_of

SVG = {"width": WIDTH, "height": HEIGHT, "bar": BAR_WIDTH}


@dataclass(frozen=True, slots=True)
class PersonDesk:
    """A coordinator at one Listener's page."""

    desk: Desk
    addresses: Addresses
    reader: Reader
    listener: ListenerId

    @property
    def address(self) -> str:
        return f"/listeners/{self.addresses.of(self.listener)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a form. ``about``: the field that is wrong; ``filled``: what stays in the form.

    ``calendar``: a new address, which is shown once.
    """

    done: str = ""
    complaint: str = ""
    about: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    calendar: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Facts:
    person: Person
    load: ListenerLoad
    zone: ZoneInfo


async def whole_page(at: PersonDesk, outcome: Outcome, *, status: int = 200) -> Response:
    looked = look(at.desk, at.addresses)
    facts = await at.desk.database.run(lambda session: _read(session, looked, at.listener))
    so_far, rules = facts.person.overview.so_far, looked.line.welfare
    html = rendering.page(
        "listeners_one.html",
        site=await at.desk.site_named(),
        reader=at.reader,
        say=wording,
        outcome=outcome,
        one=facts.person,
        load=facts.load,
        zone=facts.zone,
        today=looked.now.astimezone(facts.zone).date(),
        chart=weeks_chart(facts.load.load.weeks, rules.talk_minutes_week),
        cap=rules.talk_minutes_week,
        svg=SVG,
        possible=possible(so_far, rules, looked.now),
        modules=[module for module in FIRST_TRAINING if module not in so_far.trainings],
        recurring=list(RECURRING),
        shadowed_wanted=rules.shadowed_calls,
    )
    return HTMLResponse(html, status)


def _read(session: Session, looked: Look, listener: ListenerId) -> _Facts:
    (load,) = loads_of(session, looked, listener)
    return _Facts(person(session, looked, listener), load, zone_of(session, looked.site))
