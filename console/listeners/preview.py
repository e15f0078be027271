"""What a file of Listeners would change, row by row, before anybody takes it: it is taken, looked at, and undone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.language import _
from console.listeners import wording
from listeners.entry_store import Import, Snapshot, snapshot
from listeners.import_store import import_listeners
from listeners.listeners_file import WrongCell, read_listeners
from listeners.movements_store import known_of
from models.tables import Cell, Listener, Phone, Shift
from models.words import ListenerId, SiteId
from rota.people import zone_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would change; ``before`` is empty for somebody new."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowPreview:
    """A right row. ``freed``: how many shifts would be taken from them; none of ``differences`` changes nothing."""

    row: int
    code_name: str
    new: bool
    differences: tuple[Difference, ...]
    freed: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Right rows that change something, how many change nothing, and every wrong cell of the others."""

    rows: tuple[RowPreview, ...]
    same: int
    wrong: tuple[WrongCell, ...]

    @property
    def right(self) -> int:
        return len(self.rows) + self.same


@dataclass(frozen=True, slots=True)
class _Seen:
    code_name: str
    cell: str
    snapshot: Snapshot
    shifts: frozenset[str]


def preview(session: Session, site: SiteId, text: str, how: Import) -> Preview:
    """Changes nothing. BadFile when the file is none of ours."""
    entries, _wrong = read_listeners(text, known_of(session, site), now=how.now)
    number = {entry.code_name.casefold(): entry.row for entry in entries}
    zone, before = zone_of(session, site), _everybody(session, site, how.now)
    attempt = session.begin_nested()
    found = import_listeners(session, site, text, how)
    after = _everybody(session, site, how.now)
    attempt.rollback()
    wrong = {one.row for one in found.wrong}
    rows = [
        _row(number[seen.code_name.casefold()], before.get(listener), seen, zone)
        for listener, seen in after.items()
        if number.get(seen.code_name.casefold()) not in {None, *wrong}
    ]
    changing = tuple(sorted((row for row in rows if row.new or row.differences), key=lambda row: row.row))
    return Preview(changing, len(rows) - len(changing), found.wrong)


def _row(number: int, before: _Seen | None, after: _Seen, zone: ZoneInfo) -> RowPreview:
    old = dict(_in_words(before, zone)) if before else {}
    differences = [
        Difference(what, old.get(what, ""), said)
        for what, said in _in_words(after, zone)
        if (said != old.get(what, "") if before else said)
    ]
    if before and _tags(before.snapshot) != _tags(after.snapshot):
        differences.append(Difference(_("What they are willing to be matched on"), "", _("changed; never shown")))
    freed = len(before.shifts - after.shifts) if before else 0
    return RowPreview(number, after.code_name, before is None, tuple(differences), freed)


def _in_words(seen: _Seen, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Tags are nobody's business but the Listener's (listeners.tags)."""
    languages, _tags, experienced, weekly_minutes = seen.snapshot.willing
    come = seen.snapshot.so_far
    yield _("Standing"), wording.STANDINGS[come.standing] if come.standing else ""
    yield _("Certificate"), wording.certificate(come.certificate, zone) if come.certificate else ""
    yield _("Cell"), seen.cell
    yield _("Languages"), " ".join(languages)
    yield _("Experienced"), _("yes") if experienced else _("no")
    yield _("Minutes in a week"), str(weekly_minutes) if weekly_minutes is not None else ""
    done = sorted(come.trainings.values(), key=lambda one: one.module)
    yield (
        _("Trainings"),
        ", ".join(f"{wording.MODULES[one.module].lower()} ({wording.date_of(one.at, zone)})" for one in done),
    )
    yield _("Shadowed calls"), str(come.shadowed) if come.shadowed else ""


def _tags(one: Snapshot) -> tuple[str, ...]:
    return one.willing[1]


def _everybody(session: Session, site: SiteId, now: datetime) -> Mapping[ListenerId, _Seen]:
    rows = session.execute(
        select(Listener.id, Listener.code_name, Cell.location)
        .outerjoin(Phone, Phone.id == Listener.phone_id)
        .outerjoin(Cell, Cell.id == Phone.cell_id)
        .where(Listener.site_id == site)
        .order_by(Listener.code_name)
    ).all()
    seen = snapshot(session, [ListenerId(row.id) for row in rows])
    shifts = _shifts(session, site, now)
    return {
        ListenerId(row.id): _Seen(
            row.code_name,
            row.location or "",
            seen[ListenerId(row.id)],
            frozenset(shift for shift, listener in shifts if listener == row.id),
        )
        for row in rows
    }


def _shifts(session: Session, site: SiteId, now: datetime) -> Sequence[tuple[str, str]]:
    rows = session.execute(select(Shift.id, Shift.listener_id).where(Shift.site_id == site, Shift.ends_at > now))
    return [(row.id, row.listener_id) for row in rows]
