"""A Listener's page and its forms: next step, trainings, leave and wishes, PIN, calendar, and that you have talked."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from console.accounts import record
from console.desk import AtDesk, our_form
from console.language import _, marked
from console.listeners import person_acts, wording
from console.listeners.person_acts import Act, Acting, StepForm, WishForm
from console.listeners.person_shown import Outcome, PersonDesk, whole_page
from console.listeners.readers import AListener, AListenersReader, AtAddresses
from console.listeners.steps import BadAnswer
from console.listeners.wording import Done
from models.clock import now
from models.errors import AskersFault, UnknownName
from rota.feeds import new_feed

router = APIRouter(prefix="/listeners/{address}")
forms = APIRouter(prefix="/listeners/{address}", dependencies=[Depends(our_form)])
_log = structlog.get_logger()

WRONG_FORM = 422
CONFLICT = 409
NOT_THERE = marked("That is not there any more: somebody has changed it meanwhile. Nothing was changed.")

Field = Annotated[str, Form()]


def person_desk(desk: AtDesk, addresses: AtAddresses, reader: AListenersReader, listener: AListener) -> PersonDesk:
    return PersonDesk(desk, addresses, reader, listener)


AtPerson = Annotated[PersonDesk, Depends(person_desk)]


@router.get("")
async def listener_page(at: AtPerson, done: Annotated[str, Query()] = "") -> Response:
    return await whole_page(at, Outcome(done=wording.done(done)))


@forms.post("/step")
async def take_step(
    at: AtPerson, *, step: Field = "", day: Field = "", certified_from: Field = "", certified_until: Field = ""
) -> Response:
    form = StepForm(step=step, day=day, certified_from=certified_from, certified_until=certified_until)
    filled = {"step": step, "day": day, "certified_from": certified_from, "certified_until": certified_until}
    return await _do(at, person_acts.take_step(_acting(at), form), "step", filled)


@forms.post("/training")
async def record_training(
    at: AtPerson,
    *,
    modules: Annotated[Sequence[str], Form()] = (),
    trained_on: Field = "",
    counts_until: Field = "",
) -> Response:
    act = person_acts.record_trainings(_acting(at), modules, trained_on, counts_until)
    filled = {"trained_on": trained_on, "counts_until": counts_until}
    return await _do(at, act, "modules", filled, modules=tuple(modules))


@forms.post("/shadowed")
async def add_shadowed(at: AtPerson, calls: Field = "") -> Response:
    return await _do(at, person_acts.add_shadowed(_acting(at), calls), "calls", {"calls": calls})


@forms.post("/leave")
async def note_leave(
    at: AtPerson, leave_kind: Field = "", leave_since: Field = "", leave_until: Field = ""
) -> Response:
    act = person_acts.note_leave(_acting(at), leave_kind, leave_since, leave_until)
    filled = {"leave_kind": leave_kind, "leave_since": leave_since, "leave_until": leave_until}
    return await _do(at, act, "leave_since", filled)


@forms.post("/leave/{leave}/take-back")
async def take_back_leave(at: AtPerson, leave: str) -> Response:
    return await _do(at, person_acts.forget_leave(_acting(at), leave))


@forms.post("/wishes")
async def note_wish(
    at: AtPerson, *, wish_kind: Field = "", weekday: Field = "", wish_starts: Field = "", wish_ends: Field = ""
) -> Response:
    act = person_acts.note_wish(_acting(at), WishForm(wish_kind, weekday, wish_starts, wish_ends))
    filled = {"wish_kind": wish_kind, "weekday": weekday, "wish_starts": wish_starts, "wish_ends": wish_ends}
    return await _do(at, act, "wish_kind", filled)


@forms.post("/wishes/{wish}/take-back")
async def take_back_wish(at: AtPerson, wish: str) -> Response:
    return await _do(at, person_acts.forget_wish(_acting(at), wish))


@forms.post("/pin")
async def reset_pin(at: AtPerson) -> Response:
    return await _do(at, person_acts.reset_pin(_acting(at)))


@forms.post("/calendar")
async def make_calendar(at: AtPerson, request: Request) -> Response:
    """The address is on this one answer and nowhere else; only its hash is kept."""

    def act(session: Session) -> str:
        secret = new_feed(session, at.listener)
        record(session, at.reader.who, Done.CALENDAR_MADE)
        return secret

    secret = await at.desk.database.run(act)
    address = str(request.url_for("feed", secret=secret))
    return await whole_page(at, Outcome(done=wording.DONE[Done.CALENDAR_MADE], calendar=address))


@forms.post("/calendar/revoke")
async def revoke_calendar(at: AtPerson) -> Response:
    return await _do(at, person_acts.revoke_calendar(_acting(at)))


@forms.post("/talked")
async def have_talked(at: AtPerson) -> Response:
    return await _do(at, person_acts.have_talked(_acting(at)))


def _acting(at: PersonDesk) -> Acting:
    return Acting(at.desk.site, at.listener, at.desk.line.welfare, at.reader.who.name, now())


async def _do(
    at: PersonDesk, act: Act, field: str = "", filled: Mapping[str, str] | None = None, *, modules: tuple[str, ...] = ()
) -> Response:
    """Back to the page; with all that was filled in when nothing could be done. ``field``: what a refusal is about."""

    def recorded(session: Session) -> Done:
        done = act(session)
        record(session, at.reader.who, done)
        return done

    try:
        done = await at.desk.database.run(recorded)
    except BadAnswer as fault:
        said, about, status = _("%(fault)s. Nothing was changed.", fault=fault), fault.field, WRONG_FORM
    except UnknownName:
        said, about, status = _(NOT_THERE), "", CONFLICT
    except AskersFault as fault:
        said, about, status = wording.refused(fault), field, CONFLICT
    else:
        _log.info("console.listener_changed", what=done.value)
        return RedirectResponse(f"{at.address}?done={done}", status_code=303)
    outcome = Outcome(complaint=said, about=about, filled=filled or {}, modules=modules)
    return await whole_page(at, outcome, status=status)
