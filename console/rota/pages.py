"""The coordinator's rota: a week, the seats that are empty, the swaps, and drafts before they are published."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from console.desk import AtDesk
from console.listeners.readers import AtAddresses
from console.rota import views, wording
from console.rota.acts import slot_of
from console.rota.days import Clock, monday_of
from console.rota.desk import ARotaReader, AtRota, RotaDesk, day_from, scheme_of, show
from console.rota.draft import rota_of
from console.rota.gap import choice_of, gap_of
from console.rota.store import draft_facts, names_of, problem_about, swap_about, week_facts
from console.rota.week import undo_of, week_of
from models.clock import now
from models.words import ListenerId
from rota.problem import Problem
from rota.slot import Slot, day_in
from rota.swaps import Around, OpenSwap

router = APIRouter(prefix="/rota")
router.include_router(views.router)

# Which week, by any of its days; this one when it is empty.
AWeek = Annotated[str, Query(alias="week")]
WhatWasDone = Annotated[str, Query(alias="done")]


@router.get("")
async def rota_page(
    desk: AtDesk, reader: ARotaReader, addresses: AtAddresses, week: AWeek = "", done: WhatWasDone = ""
) -> Response:
    scheme = scheme_of(desk)
    if scheme is None:
        return await show(desk, reader, "rota_none.html")
    return await whole_week(RotaDesk(desk, reader, scheme, addresses), week, done=done)


@router.get("/gaps/{slot:path}")
async def gap_page(slot: str, at: AtRota) -> Response:
    return await whole_gap(at, slot)


@router.get("/swaps/{swap}")
async def swap_page(swap: str, at: AtRota) -> Response:
    return await whole_swap(at, swap)


@router.get("/drafts/{rota}")
async def draft_page(rota: str, at: AtRota, done: WhatWasDone = "") -> Response:
    return await whole_draft(at, rota, done=done)


async def whole_week(
    at: RotaDesk, week: str, *, done: str = "", complaint: str | None = None, status: int = 200
) -> Response:
    look, monday = at.looking(), monday_of(day_from(week)) if week else None
    facts = await at.desk.database.run(lambda session: week_facts(session, look, monday))
    first = monday or monday_of(Clock(facts.problem.zone, look.now).today)
    # Off the event loop, where calls are: every rule is looked at.
    shown = await asyncio.to_thread(week_of, facts, first, look.now)
    about = {"week": shown, "done": wording.done(done), "undo": undo_of(shown, done), "complaint": complaint}
    return await show(at.desk, at.reader, "rota.html", status=status, favours=wording.FAVOURS, **about)


async def whole_gap(at: RotaDesk, name: str, *, complaint: str | None = None, status: int = 200) -> Response:
    def read(session: Session) -> tuple[Slot, Problem]:
        slot = slot_of(session, at.desk.site, at.scheme, name)
        begins = day_from(day_in(name))
        return slot, problem_about(session, at.desk.site, at.scheme, begins)

    slot, problem = await at.desk.database.run(read)
    clock = Clock(problem.zone, now())
    # Off the event loop, where calls are, and off the database's one thread.
    gap = await asyncio.to_thread(gap_of, problem, slot, clock)
    about = {"slot": slot, "day": clock.day_of(slot.starts_at), "clock": clock, "gap": gap}
    return await show(at.desk, at.reader, "rota_gap.html", status=status, complaint=complaint, **about)


async def whole_swap(at: RotaDesk, swap: str, *, complaint: str | None = None, status: int = 200) -> Response:
    moment = now()

    def read(session: Session) -> tuple[OpenSwap, Around, dict[ListenerId, str]]:
        found, around = swap_about(session, at.desk.site, at.scheme, swap, now=moment)
        return found, around, dict(names_of(session, at.desk.site))

    found, around, names = await at.desk.database.run(read)
    choice = await asyncio.to_thread(choice_of, found, around, names, Clock(around.problem.zone, moment))
    return await show(at.desk, at.reader, "rota_swap.html", status=status, choice=choice, complaint=complaint)


async def whole_draft(
    at: RotaDesk, rota: str, *, done: str = "", complaint: str | None = None, status: int = 200
) -> Response:
    facts = await at.desk.database.run(lambda session: draft_facts(session, at.desk.site, at.scheme, rota))
    shown = await asyncio.to_thread(rota_of, facts, now())
    said = wording.done(done)
    return await show(at.desk, at.reader, "rota_draft.html", status=status, rota=shown, done=said, complaint=complaint)
