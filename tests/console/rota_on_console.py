"""A prison with a rota on its console: four Listeners, two seats each night, and next week partly filled."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import builders
import httpx
from evening import CODE_NAMES, sign_in, token_in
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.database import Database
from models.words import Cover, PhoneKind, Restriction
from rota.rules import Limits
from rota.scheme import Scheme
from rota.slot import Pattern
from rota.solution import Effort

LONDON = ZoneInfo("Europe/London")
SCHEME = Scheme(
    patterns=[Pattern(name="night", starts=time(20), ends=time(0), first=1, backup=1)],
    limits=Limits(nights_in_a_row=3, weekly_minutes=960),
    new_for=timedelta(days=30),
)
# The first tolerable rota will do. Tests assert no speed: a slow machine has found nothing after a second.
LITTLE_EFFORT = Effort(seconds=20.0, near_enough=0.5)


def next_monday() -> date:
    today = now().astimezone(LONDON).date()
    return today + timedelta(days=7 - today.weekday())


def a_rota(database: Database) -> date:
    """Its Monday: Kestrel and Linnet (backup) on Monday night, Merlin alone on Tuesday night, nobody after that."""
    monday = next_monday()
    with database.transaction() as session:
        for name in CODE_NAMES:
            session.add(builders.a_phone(PhoneKind.LISTENER, id=f"phone-{name}"))
            session.flush()
            theirs = update(tables.Listener).where(tables.Listener.code_name == name)
            long_ago = now() - timedelta(days=200)
            session.execute(theirs.values(phone_id=f"phone-{name}", certified_from=long_ago))
        on(session, "Kestrel", monday)
        on(session, "Linnet", monday, Cover.BACKUP)
        on(session, "Merlin", monday + timedelta(days=1))
    return monday


def on(session: Session, name: str, day: date, cover: Cover = Cover.FIRST) -> None:
    """On duty that night, as a published rota says it."""
    begins = datetime.combine(day, time(20), LONDON)
    session.add(
        builders.a_shift_row(
            name,
            cover,
            id=f"shift-{name}-{day}",
            starts_at=begins,
            ends_at=datetime.combine(day + timedelta(days=1), time(0), LONDON),
            slot=f"night {day}",
        )
    )
    session.flush()


def kept_apart(database: Database, one: str, other: str) -> None:
    with database.transaction() as session:
        session.add(
            tables.KeepApart(
                id=f"apart-{one}-{other}",
                listener_id=f"listener-{one}",
                other_listener_id=f"listener-{other}",
                restriction=Restriction.WING.value,
                other=f"{one}-{other}",
            )
        )


def who_is_on(database: Database, day: date) -> set[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.Shift).where(tables.Shift.slot == f"night {day}"))
        return {(row.listener_id.removeprefix("listener-"), row.cover) for row in rows}


def text_of(html: str) -> str:
    """Without tags, in single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def acts(database: Database) -> list[tuple[str, str]]:
    """Without signing in and out."""
    with database.transaction() as session:
        rows = session.scalars(select(tables.Act).where(~tables.Act.what.startswith("signed_")).order_by(tables.Act.id))
        return [(row.who, row.what) for row in rows]


def as_sam(browser: httpx.Client) -> httpx.Client:
    """The coordinator."""
    sign_in(browser, "sam")
    return browser


def send(browser: httpx.Client, path: str, **answer: str) -> httpx.Response:
    """A form of the rota, with its token, as the page of the week has it."""
    return browser.post(path, data={"token": token_in(browser.get("/").text)} | answer)
