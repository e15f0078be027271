"""How far each Listener has come, and the one place where that changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from listeners.journey import Module, Rules, SoFar, Step, Trained, refusal, trained, why_over
from listeners.warnings import Ahead, warnings
from models.errors import NotAllowed
from models.tables import Listener, Site, StandingChange, Training
from models.words import ListenerId, SiteId, Standing, StandingReason
from rota.leave import free
from rota.person import Span

# Who changes a standing when a certificate or a training ends by itself.
BY_ITSELF = "wingline"
# Whom it concerns when a certificate or a training ends.
WARNED = (Standing.CERTIFIED, Standing.SUSPENDED, Standing.LAPSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A new standing; whoever is accredited gets a ``certificate``, from its first moment until its end."""

    became: Standing
    why: StandingReason
    who: str
    at: datetime
    certificate: Span | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was made, as it is kept."""

    at: datetime
    who: str
    why: StandingReason
    was: Standing | None
    became: Standing


def change_standing(
    session: Session, listener: ListenerId, change: Change, rules: Rules, *, now: datetime | None = None
) -> None:
    """NotAllowed says what may follow instead, or what is lacking.

    ``now``: where the change counts from a day that is over, so that the shifts done since then stay in the rota.
    """
    accredited = change.why in {StandingReason.ACCREDITED, StandingReason.ACCREDITED_AGAIN}
    if accredited and change.certificate is None:
        raise NotAllowed(_act(change), "give the first and last day of the certificate")
    row = _held(session, listener)
    _take(session, row, Standing(row.standing), change, rules)
    if change.became is not Standing.CERTIFIED:
        free(session, listener, now=now or change.at)


def begin_with(session: Session, listener: ListenerId, change: Change, rules: Rules) -> None:
    """As ``change_standing``, of somebody whom Wingline learns of: how far they had come before."""
    _take(session, _held(session, listener), None, change, rules)


def settle_standings(session: Session, site: SiteId, now: datetime, rules: Rules) -> Sequence[ListenerId]:
    """Who is certified no longer, because certificate or training ended, lapses; again and again it changes nothing."""
    due = [listener for listener, come in _certified(session, site).items() if why_over(come, now)]
    if due:
        hold_site(session, site)
    lapsed = []
    for listener in due:
        row = _held(session, listener)
        come = so_far(session, [row])[listener]
        why = why_over(come, now)
        # Somebody may have accredited them again since we looked.
        if why and come.standing is Standing.CERTIFIED:
            change = Change(became=Standing.LAPSED, why=why, who=BY_ITSELF, at=now)
            change_standing(session, listener, change, rules)
            lapsed.append(listener)
    return lapsed


def record_training(session: Session, listener: ListenerId, done: Trained) -> None:
    """Of the same module the one that was done last counts."""
    _held(session, listener)
    row = session.get(Training, (listener, done.module.value), populate_existing=True)
    if row is not None and row.done_at > done.at:
        return
    session.merge(Training(listener_id=listener, module=done.module.value, done_at=done.at, valid_until=done.until))
    session.flush()


def note_shadowed(session: Session, listener: ListenerId, calls: int = 1) -> None:
    mine = Listener.id == listener
    session.execute(update(Listener).where(mine).values(shadowed=Listener.shadowed + calls))


def has_history(session: Session, listener: ListenerId) -> bool:
    return bool(session.scalar(select(exists().where(StandingChange.listener_id == listener))))


def warnings_at(session: Session, site: SiteId, now: datetime) -> Mapping[ListenerId, tuple[Ahead, ...]]:
    """Of each Listener for whom something ends within 60 days, or has ended."""
    rows = _rows(session, Listener.site_id == site, Listener.standing.in_(WARNED))
    found = {listener: warnings(come, now) for listener, come in so_far(session, rows).items()}
    return {listener: some for listener, some in found.items() if some}


def history_of(session: Session, site: SiteId) -> Mapping[ListenerId, tuple[Changed, ...]]:
    """Of each Listener of whom any change is recorded, the oldest first."""
    ours = select(Listener.id).where(Listener.site_id == site)
    found: dict[ListenerId, tuple[Changed, ...]] = {}
    for row in session.scalars(
        select(StandingChange).where(StandingChange.listener_id.in_(ours)).order_by(StandingChange.id)
    ):
        was = Standing(row.was) if row.was else None
        one = Changed(row.at, row.who, StandingReason(row.why), was, Standing(row.became))
        listener = ListenerId(row.listener_id)
        found[listener] = (*found.get(listener, ()), one)
    return found


def hold_site(session: Session, site: SiteId) -> None:
    """Before several Listeners are changed, so that two who do that cannot wait for each other."""
    # NO KEY: a call that only refers to the site need not wait.
    session.execute(select(Site.id).where(Site.id == site).with_for_update(key_share=True))


# ---- the one place where a standing is written


def _take(session: Session, row: Listener, was: Standing | None, change: Change, rules: Rules) -> None:
    listener = ListenerId(row.id)
    before = so_far(session, [row])[listener]
    after = _with(before, change, rules)
    wrong = refusal(Step(was, change.became, change.why), after, rules, at=change.at)
    if wrong:
        raise NotAllowed(_act(change), wrong)
    for module in after.trainings.keys() - before.trainings.keys():
        record_training(session, listener, after.trainings[module])
    if change.certificate:
        row.certified_from, row.certified_until = change.certificate.since, change.certificate.until
    row.standing = change.became.value
    session.add(
        StandingChange(
            listener_id=listener,
            at=change.at,
            who=change.who,
            why=change.why.value,
            was=was.value if was else None,
            became=change.became.value,
        )
    )
    session.flush()


def _act(change: Change) -> str:
    return f"make the Listener {change.became.value}"


def _with(before: SoFar, change: Change, rules: Rules) -> SoFar:
    """With the certificate that is given; the first one begins the time until the next recurring training."""
    trainings = dict(before.trainings)
    if change.certificate and Module.REFRESHER not in trainings:
        trainings[Module.REFRESHER] = trained(Module.REFRESHER, change.certificate.since, rules)
    return SoFar(
        standing=before.standing,
        trainings=trainings,
        shadowed=before.shadowed,
        certificate=change.certificate or before.certificate,
        suspended_from=before.suspended_from,
    )


def _held(session: Session, listener: ListenerId) -> Listener:
    """As it is now, and nobody else changes it until we commit."""
    # NO KEY: a talk or an offer that only refers to the Listener need not wait.
    query = select(Listener).where(Listener.id == listener).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


# ---- reading


def _certified(session: Session, site: SiteId) -> Mapping[ListenerId, SoFar]:
    return so_far(session, _rows(session, Listener.site_id == site, Listener.standing == Standing.CERTIFIED))


def _rows(session: Session, *which: ColumnElement[bool]) -> Sequence[Listener]:
    return session.scalars(select(Listener).where(*which).order_by(Listener.id)).all()


def so_far(session: Session, rows: Sequence[Listener]) -> Mapping[ListenerId, SoFar]:
    ids = [row.id for row in rows]
    trainings: dict[str, dict[Module, Trained]] = {listener: {} for listener in ids}
    for one in session.scalars(select(Training).where(Training.listener_id.in_(ids))):
        module = Module(one.module)
        trainings[one.listener_id][module] = Trained(module, one.done_at, one.valid_until)
    suspended = (StandingChange.listener_id.in_(ids), StandingChange.became == Standing.SUSPENDED)
    # The last one of each stays.
    began = {one.listener_id: one.was for one in _changes(session, *suspended)}
    return {
        ListenerId(row.id): SoFar(
            standing=Standing(row.standing),
            trainings=trainings[row.id],
            shadowed=row.shadowed,
            certificate=Span(row.certified_from, row.certified_until) if row.certified_from else None,
            suspended_from=Standing(was) if (was := began.get(row.id)) else None,
        )
        for row in rows
    }


def _changes(session: Session, *which: ColumnElement[bool]) -> Sequence[StandingChange]:
    return session.scalars(select(StandingChange).where(*which).order_by(StandingChange.id)).all()
