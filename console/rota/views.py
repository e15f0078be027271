"""Other views of the rota than the week: month, day, Listeners, one of them, where a seat can go, drafts, the sheet."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from console.listeners.readers import AListener
from console.listeners.wording import ABSENCES
from console.rota.compare import compared
from console.rota.days import Clock, monday_of
from console.rota.desk import AtRota, RotaDesk, day_from, show
from console.rota.month import Month, after, first_of, month_of
from console.rota.moves import move_facts, move_of
from console.rota.people import WEEKS, WEEKS_OF_ONE, PersonAhead, PersonFacts, everybody, person_of
from console.rota.sheet import SheetFacts, sheet_of, short_code, wings_of
from console.rota.store import DraftFacts, Looking, addressed, draft_facts, drafts_of, seats_from
from console.rota.timeline import ShownDay, day_of
from console.rota.week import draft_shown, shifts_of
from models.words import ListenerId
from rota.leave import leave_ahead
from rota.people import zone_of
from rota.site_rota import problem_of
from rota.store import shifts_not_over

router = APIRouter()
of_one = APIRouter(prefix="/people/{address}")

# Which day, or a day of which week or month; today when it is empty.
ADay = Annotated[str, Query(alias="day")]


@router.get("/month")
async def month_page(at: AtRota, day: ADay = "") -> Response:
    look, chosen = at.looking(), day_from(day) if day else None

    def read(session: Session) -> Month:
        clock = Clock(zone_of(session, look.site), look.now)
        first = first_of(chosen or clock.today)
        problem = problem_of(session, look.site, look.scheme, since=first, days=(after(first) - first).days)
        return month_of(problem, first, clock)

    return await show(at.desk, at.reader, "rota_month.html", month=await at.desk.database.run(read))


@router.get("/day")
async def day_page(at: AtRota, day: ADay = "") -> Response:
    look, chosen = at.looking(), day_from(day) if day else None
    shown = await at.desk.database.run(lambda session: _day(session, look, chosen))
    return await show(at.desk, at.reader, "rota_day.html", day=shown)


@router.get("/people")
async def people_page(at: AtRota) -> Response:
    look = at.looking()

    def read(session: Session) -> tuple[PersonAhead, ...]:
        monday = monday_of(Clock(zone_of(session, look.site), look.now).today)
        problem = problem_of(session, look.site, look.scheme, since=monday, days=7 * WEEKS)
        return everybody(problem, addressed(session, look), monday)

    return await show(at.desk, at.reader, "rota_people.html", people=await at.desk.database.run(read))


@of_one.get("")
async def person_page(at: AtRota, listener: AListener) -> Response:
    look = at.looking()
    facts, monday = await at.desk.database.run(lambda session: _person(session, look, listener))
    shown = person_of(facts, monday, Clock(facts.problem.zone, look.now))
    return await show(at.desk, at.reader, "rota_person.html", one=shown, monday=monday, absences=ABSENCES)


@router.get("/shifts/{shift}/move")
async def move_page(shift: str, at: AtRota) -> Response:
    return await whole_move(at, shift)


@router.get("/compare")
async def compare_page(at: AtRota, one: str = "", other: str = "") -> Response:
    """Without two drafts, a page to choose them."""
    look = at.looking()
    zone, drafts = await at.desk.database.run(
        lambda session: (zone_of(session, look.site), drafts_of(session, look.site))
    )
    found = None
    if one and other:
        first, second = await at.desk.database.run(lambda session: _two(session, look, one, other))
        found = await asyncio.to_thread(compared, first, second, look.now)
    shown = [draft_shown(draft, Clock(zone, look.now)) for draft in drafts]
    chosen = {"one": one, "other": other}
    return await show(at.desk, at.reader, "rota_compare.html", drafts=shown, found=found, chosen=chosen)


@router.get("/sheet")
async def sheet_page(at: AtRota, wing: str = "", week: str = "") -> Response:
    look, chosen = at.looking(), day_from(week) if week else None

    def read(session: Session) -> tuple[SheetFacts, date]:
        monday = monday_of(chosen or Clock(zone_of(session, look.site), look.now).today)
        problem = problem_of(session, look.site, look.scheme, since=monday, days=7)
        return SheetFacts(problem, wings_of(session, look.site), short_code(session, look.site)), monday

    facts, monday = await at.desk.database.run(read)
    sheet, last = sheet_of(facts, wing), monday + timedelta(days=6)
    return await show(
        at.desk, at.reader, "rota_sheet.html", sheet=sheet, wings=facts.wings, wing=wing, monday=monday, last=last
    )


router.include_router(of_one)


async def whole_move(at: RotaDesk, shift: str, *, complaint: str | None = None, status: int = 200) -> Response:
    look = at.looking()
    facts = await at.desk.database.run(lambda session: move_facts(session, look, shift))
    move = await asyncio.to_thread(move_of, facts, Clock(facts.problem.zone, look.now))
    return await show(at.desk, at.reader, "rota_move.html", status=status, move=move, complaint=complaint)


def _day(session: Session, look: Looking, chosen: date | None) -> ShownDay:
    zone = zone_of(session, look.site)
    clock = Clock(zone, look.now)
    day = chosen or clock.today
    # The night before goes on in the morning.
    before = day - timedelta(days=1)
    problem = problem_of(session, look.site, look.scheme, since=before, days=2)
    seats = seats_from(session, look.site, zone, before, 2)
    return day_of(shifts_of(problem, seats, addressed(session, look), clock), day, clock)


def _person(session: Session, look: Looking, listener: ListenerId) -> tuple[PersonFacts, date]:
    monday = monday_of(Clock(zone_of(session, look.site), look.now).today)
    facts = PersonFacts(
        listener=listener,
        problem=problem_of(session, look.site, look.scheme, since=monday, days=7 * WEEKS_OF_ONE),
        people=addressed(session, look),
        shifts=shifts_not_over(session, look.site, now=look.now, of=[listener]),
        leave=leave_ahead(session, listener, look.now),
    )
    return facts, monday


def _two(session: Session, look: Looking, one: str, other: str) -> tuple[DraftFacts, DraftFacts]:
    first, second = (draft_facts(session, look.site, look.scheme, rota) for rota in (one, other))
    return first, second
