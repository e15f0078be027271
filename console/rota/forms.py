"""The forms of the rota: give, move and take back, swaps for others, and make, publish or discard a draft."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from console.accounts import record
from console.desk import our_form
from console.language import Cannot, _
from console.rota import acts, wording
from console.rota.acts import Act, Acting
from console.rota.desk import AtRota, RotaDesk
from console.rota.pages import whole_draft, whole_gap, whole_swap, whole_week
from console.rota.store import drafts_of
from console.rota.views import whole_move
from console.rota.wording import Done
from models.clock import now
from models.errors import AskersFault, NotAllowed, UnknownName
from rota import site_rota
from rota.favours import Favours, favouring, mark
from rota.people import zone_of
from rota.problem import Problem
from rota.site_rota import By, RotaBreaksRules
from rota.slot import day_in
from rota.solution import Effort, Solution
from rota.solving import solve_aside

router = APIRouter(prefix="/rota", dependencies=[Depends(our_form)])
_log = structlog.get_logger()

DRAFT_DAYS = 28
# A coordinator waits for it; nearer than 2 % to the proven bound nobody would see.
EFFORT = Effort(seconds=20, near_enough=0.02)
CONFLICT = 409

# The week that the form stood on, by its Monday.
OnWeek = Annotated[str, Form()]
CodeName = Annotated[str, Form()]


@router.post("/gaps/{slot:path}/give")
async def give(slot: str, at: AtRota, listener: CodeName = "") -> Response:
    try:
        done = await _do(at, acts.give(_acting(at), slot, listener))
    except NotAllowed as fault:
        return await whole_gap(at, slot, complaint=wording.complaint(fault), status=CONFLICT)
    return _to_week(day_in(slot), done)


@router.post("/shifts/{shift}/take-off")
async def take_off(shift: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.take_off(_acting(at), shift))


@router.post("/move")
async def move(
    at: AtRota, shift: Annotated[str, Form()] = "", to: Annotated[str, Form()] = "", week: OnWeek = ""
) -> Response:
    try:
        done = await _do(at, acts.move(_acting(at), at.looking(), shift, to))
    except NotAllowed as fault:
        # With everything else that could be done with this seat.
        return await whole_move(at, shift, complaint=wording.complaint(fault), status=CONFLICT)
    except UnknownName as fault:
        return await whole_week(at, week, complaint=wording.complaint(fault), status=CONFLICT)
    return _to_week(week, done)


@router.post("/changes/{change}/take-back")
async def take_back(change: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.take_back(_acting(at), change))


@router.post("/shifts/{shift}/swap")
async def ask_for_swap(shift: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.ask_for_swap(_acting(at), shift))


@router.post("/swaps/{swap}/accept")
async def accept_swap(swap: str, at: AtRota, listener: CodeName = "", week: OnWeek = "") -> Response:
    try:
        done = await _do(at, acts.accept_swap(_acting(at), swap, listener))
    except UnknownName as fault:
        return await whole_week(at, week, complaint=wording.complaint(fault), status=CONFLICT)
    except NotAllowed as fault:
        return await whole_swap(at, swap, complaint=wording.complaint(fault), status=CONFLICT)
    return _to_week(week, done)


@router.post("/swaps/{swap}/approve")
async def approve_swap(swap: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.approve_swap(_acting(at), swap))


@router.post("/swaps/{swap}/refuse")
async def refuse_swap(swap: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.refuse_swap(_acting(at), swap))


@router.post("/swaps/{swap}/withdraw")
async def withdraw_swap(swap: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.withdraw_swap(_acting(at), swap))


@router.post("/generate")
async def generate(at: AtRota, week: OnWeek = "", favours: Annotated[str, Form()] = Favours.AS_SETTLED) -> Response:
    kind = Favours(favours) if favours in set(Favours) else Favours.AS_SETTLED
    if at.desk.solving.locked():
        return await whole_week(at, week, complaint=_(wording.BEING_MADE), status=CONFLICT)
    async with at.desk.solving:
        problem = await at.desk.database.run(lambda session: _problem_from_tomorrow(session, at))
        if not problem.slots:
            raise Cannot(_("cannot make a draft: no pattern of the site file asks for a shift in the next four weeks"))
        # The database is not held while the solver thinks, and the calls go before it.
        found = await solve_aside(favouring(problem, kind), EFFORT)
        rota = await at.desk.database.run(lambda session: _keep(session, at, problem, found, kind))
    _log.info("console.rota_generated", rota=rota, seconds=round(found.seconds, 1))
    return RedirectResponse(f"/rota/drafts/{rota}?{urlencode({'done': Done.ROTA_GENERATED.value})}", status_code=303)


@router.post("/drafts/{rota}/publish")
async def publish(rota: str, at: AtRota, week: OnWeek = "") -> Response:
    try:
        done = await _do(at, acts.publish(_acting(at), rota))
    except RotaBreaksRules:
        # What must change stands on the page itself, looked at in the same way.
        return await whole_draft(at, rota, complaint=_(wording.MUST_CHANGE), status=CONFLICT)
    except NotAllowed as fault:
        return await whole_draft(at, rota, complaint=wording.complaint(fault), status=CONFLICT)
    return _to_week(week, done)


@router.post("/drafts/{rota}/discard")
async def discard(rota: str, at: AtRota, week: OnWeek = "") -> Response:
    return await _on_week(at, week, acts.discard(_acting(at), rota))


def _acting(at: RotaDesk) -> Acting:
    return Acting(at.desk.site, at.scheme, By(at.reader.who.name, now()), at.desk.swaps_by_rule)


async def _do(at: RotaDesk, act: Act) -> Done:
    def acted(session: Session) -> Done:
        done = act(session)
        record(session, at.reader.who, done.value)
        return done

    return await at.desk.database.run(acted)


async def _on_week(at: RotaDesk, week: str, act: Act) -> Response:
    try:
        done = await _do(at, act)
    except AskersFault as fault:
        return await whole_week(at, week, complaint=wording.complaint(fault), status=CONFLICT)
    return _to_week(week, done)


def _to_week(week: str, done: Done) -> Response:
    there = {"week": week, "done": done.value} if week else {"done": done.value}
    return RedirectResponse(f"/rota?{urlencode(there)}", status_code=303)


def _problem_from_tomorrow(session: Session, at: RotaDesk) -> Problem:
    today = now().astimezone(zone_of(session, at.desk.site)).date()
    since = today + timedelta(days=1)
    return site_rota.problem_of(session, at.desk.site, at.scheme, since=since, days=DRAFT_DAYS)


def _keep(session: Session, at: RotaDesk, problem: Problem, found: Solution, favours: Favours) -> str:
    """In the place of the one of its kind, so that there are never more drafts than kinds."""
    for earlier in drafts_of(session, at.desk.site):
        if earlier.favours == favours:
            site_rota.discard(session, at.desk.site, earlier.id)
    rota = site_rota.keep_draft(session, at.desk.site, problem, found.assigned, By(at.reader.who.name, now()))
    mark(session, rota, favours)
    record(session, at.reader.who, Done.ROTA_GENERATED.value)
    return rota
