"""What a coordinator does for one Listener, each act in one transaction and by the same rules as everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from console.language import _
from console.listeners.steps import BadAnswer, certificate_from, choice_from, day_from, moment_of
from console.listeners.wording import Done
from listeners.journey import Module, Rules, Trained, trained
from listeners.journey_store import Change, change_standing, history_of, note_shadowed, record_training
from listeners.pin import forget_pin
from listeners.store import debrief_held
from models.tables import Listener
from models.words import AbsenceKind, ListenerId, SiteId, WishKind
from rota import feeds
from rota.leave import take_back_leave, take_leave
from rota.local_time import instant
from rota.people import zone_of
from rota.person import Span, WeeklyWish
from rota.wishes import take_back_wish, wish

# Says what was done, so that it can be recorded; an AskersFault when it was not.
Act = Callable[[Session], Done]
# More at once is a slip of the finger.
MOST_SHADOWED = 50


@dataclass(frozen=True, slots=True)
class Acting:
    """A coordinator with one Listener at one moment."""

    site: SiteId
    listener: ListenerId
    rules: Rules
    who: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForm:
    """The form for the next step as somebody filled it in."""

    step: str
    day: str
    certified_from: str
    certified_until: str


@dataclass(frozen=True, slots=True)
class WishForm:
    """The form for a wish as somebody filled it in; no weekday is every day."""

    kind: str
    weekday: str
    starts: str
    ends: str


def take_step(acting: Acting, form: StepForm) -> Act:
    def act(session: Session) -> Done:
        choice, zone = choice_from(form.step), zone_of(session, acting.site)
        history = history_of(session, acting.site).get(acting.listener, ())
        day = day_from("day", form.day, _("Day of the change"))
        change = Change(
            became=choice.became,
            why=choice.why,
            who=acting.who,
            at=moment_of("day", day, zone, acting.now, after=[one.at for one in history]),
            certificate=certificate_from(choice, form.certified_from, form.certified_until, zone),
        )
        change_standing(session, acting.listener, change, acting.rules, now=acting.now)
        return Done.STANDING_CHANGED

    return act


def record_trainings(acting: Acting, modules: Sequence[str], day: str, until: str) -> Act:
    """``until``: the last day on which a re-accreditation counts; the site's rules say it of a recurring training."""

    def act(session: Session) -> Done:
        zone = zone_of(session, acting.site)
        chosen = [module for module in Module if module in modules]
        if not chosen:
            raise BadAnswer("modules", _("Choose what was done"))
        at = moment_of("trained_on", day_from("trained_on", day, _("Day of the training")), zone, acting.now)
        for module in chosen:
            one = trained(module, at, acting.rules)
            if module is Module.REACCREDITATION:
                last = day_from("counts_until", until, _("Last day of the re-accreditation"))
                one = Trained(module, at, instant(last + timedelta(days=1), time(), zone))
            record_training(session, acting.listener, one)
        return Done.TRAINING_RECORDED

    return act


def add_shadowed(acting: Acting, calls: str) -> Act:
    def act(session: Session) -> Done:
        note_shadowed(session, acting.listener, _number("calls", calls, MOST_SHADOWED))
        return Done.SHADOWED

    return act


def note_leave(acting: Acting, kind: str, since: str, until: str) -> Act:
    def act(session: Session) -> Done:
        if kind not in set(AbsenceKind):
            raise BadAnswer("leave_kind", _("Choose what it is"))
        zone = zone_of(session, acting.site)
        begins, ends = (
            instant(at.date(), at.time(), zone)
            for at in (_local("leave_since", since, _("From")), _local("leave_until", until, _("Until")))
        )
        if ends <= begins:
            raise BadAnswer("leave_until", _("It ends before it begins: write a later end"))
        take_leave(session, acting.listener, AbsenceKind(kind), Span(begins, ends), now=acting.now)
        return Done.LEAVE_NOTED

    return act


def forget_leave(acting: Acting, leave: str) -> Act:
    def act(session: Session) -> Done:
        take_back_leave(session, acting.listener, leave)
        return Done.LEAVE_TAKEN_BACK

    return act


def note_wish(acting: Acting, form: WishForm) -> Act:
    def act(session: Session) -> Done:
        if form.kind not in set(WishKind):
            raise BadAnswer("wish_kind", _("Choose what they wish"))
        weekday = None if form.weekday == "" else _number("weekday", form.weekday, 6, least=0)
        starts, ends = _clock("wish_starts", form.starts, _("From")), _clock("wish_ends", form.ends, _("Until"))
        wished = WeeklyWish(kind=WishKind(form.kind), weekday=weekday, starts=starts, ends=ends)
        wish(session, acting.listener, wished)
        return Done.WISH_NOTED

    return act


def forget_wish(acting: Acting, wish_id: str) -> Act:
    def act(session: Session) -> Done:
        take_back_wish(session, acting.listener, wish_id)
        return Done.WISH_TAKEN_BACK

    return act


def reset_pin(acting: Acting) -> Act:
    def act(session: Session) -> Done:
        forget_pin(session, acting.listener)
        return Done.PIN_FORGOTTEN

    return act


def revoke_calendar(acting: Acting) -> Act:
    def act(session: Session) -> Done:
        feeds.revoke(session, acting.listener)
        return Done.CALENDAR_REVOKED

    return act


def have_talked(acting: Acting) -> Act:
    """That they have, and nothing of what was said."""

    def act(session: Session) -> Done:
        debrief_held(session, acting.site, session.get_one(Listener, acting.listener).code_name)
        return Done.DEBRIEF_HELD

    return act


def _number(field: str, written: str, most: int, *, least: int = 1) -> int:
    digits = written.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9 and least <= int(digits) <= most):
        raise BadAnswer(field, _("Write a number from %(least)s to %(most)s", least=least, most=most))
    return int(digits)


def _local(field: str, written: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(written.strip()).replace(tzinfo=None)
    except ValueError as error:
        raise BadAnswer(field, _("%(what)s: write a date and a time as 2026-12-01T08:30", what=what)) from error


def _clock(field: str, written: str, what: str) -> time:
    try:
        return time.fromisoformat(written.strip()).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise BadAnswer(field, _("%(what)s: write an hour as 20:00", what=what)) from error
