"""The rota for other programs and for paper: CSV, a spreadsheet, calendars, and a sheet for the wing's board."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import jinja2
import openpyxl
from icalendar import Calendar, Event

from models.errors import AskersFault
from models.words import Cover, ListenerId, WingId
from rota.names import NOBODY_MORE, Names, called
from rota.problem import Assigned, Problem
from rota.shift import Shift
from rota.slot import Slot

COLUMNS = ("slot", "starts", "ends", "listener", "cover")
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)


class BadRotaFile(AskersFault):
    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("this rota file cannot be taken; change this:\n" + "\n".join(f"  {one}" for one in complaints))


def rows(problem: Problem, assigned: Iterable[Assigned], names: Names = NOBODY_MORE) -> list[tuple[str, ...]]:
    """A row a seat that is taken, in COLUMNS, local times; empty shifts have a row without a Listener.

    ``names``, here and below, are of those on the rota who have left since.
    """
    found: list[tuple[datetime, tuple[str, ...]]] = []
    taken = set()
    for one in assigned:
        slot = problem.slot[one.slot]
        taken.add(slot.id)
        name = called(problem, one.listener, names)
        found.append((slot.starts_at, (*_when(problem, slot), name, one.cover.value)))
    found += [(slot.starts_at, (*_when(problem, slot), "", "")) for slot in problem.slots if slot.id not in taken]
    return [row for _, row in sorted(found)]


def as_csv(problem: Problem, assigned: Iterable[Assigned], names: Names = NOBODY_MORE) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(problem, assigned, names))
    return text.getvalue()


def as_spreadsheet(problem: Problem, assigned: Iterable[Assigned], names: Names = NOBODY_MORE) -> bytes:
    """XLSX with one sheet; the same rows as the CSV."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "rota"
    for row in (COLUMNS, *rows(problem, assigned, names)):
        sheet.append(row)
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def from_csv(problem: Problem, text: str) -> tuple[Assigned, ...]:
    """BadRotaFile names every row that is wrong. Rows without a Listener are empty seats; times are not read."""
    try:
        lines = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise BadRotaFile([f"this is not CSV ({error}); save it again as CSV UTF-8"]) from error
    return _assigned(problem, lines)


def from_spreadsheet(problem: Problem, file: bytes) -> tuple[Assigned, ...]:
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(file), read_only=True, data_only=True).worksheets[0]
        found = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # a broken file makes openpyxl, zipfile and the XML parser fall in many ways
        raise BadRotaFile(["this is no spreadsheet that can be read; save it again as XLSX, or as CSV"]) from error
    heads, *lines = found or [[]]
    return _assigned(problem, [dict(zip(heads, line, strict=False)) for line in lines])


def calendar(shifts: Iterable[Shift], *, stamp: datetime) -> bytes:
    """RFC 5545, of one Listener: "On duty" and nothing else, so that a feed that is lost tells little."""
    feed = Calendar()
    feed.add("prodid", "-//Wingline//rota//EN")
    feed.add("version", "2.0")
    for shift in shifts:
        event = Event()
        event.add("uid", f"{shift.id}@wingline")
        event.add("dtstamp", stamp)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", "On duty" if shift.cover is Cover.FIRST else "On duty (backup)")
        feed.add_component(event)
    return bytes(feed.to_ical())


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetShift:
    """Local times; ``on`` are code names and covers; ``empty`` seats are those that nobody in the prison has."""

    begins: str
    ends: str
    wing: str
    on: tuple[tuple[str, str], ...]
    empty: int


@dataclass(frozen=True, slots=True)
class SheetDay:
    day: date
    shifts: tuple[SheetShift, ...]


def days_on_sheet(
    problem: Problem, assigned: Sequence[Assigned], wing: WingId | None = None, *, names: Names = NOBODY_MORE
) -> Iterator[SheetDay]:
    """Code names, local times, where somebody is wanted; of one wing its own Listeners, and no other wing's shifts."""
    on: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    taken = Counter(one.slot for one in assigned)
    for one in sorted(assigned, key=lambda one: (one.slot, one.cover is Cover.BACKUP, one.listener)):
        if is_of(problem, one.listener, wing):
            on[one.slot].append((called(problem, one.listener, names), one.cover.value))
    days: defaultdict[date, list[SheetShift]] = defaultdict(list)
    for slot in problem.slots:
        if wing is not None and slot.wing not in {None, wing}:
            continue
        begins, ends = (moment.astimezone(problem.zone) for moment in (slot.starts_at, slot.ends_at))
        shift = SheetShift(
            begins=f"{begins:%H:%M}",
            ends=f"{ends:%H:%M}",
            wing=slot.wing or "",
            on=tuple(on[slot.id]),
            empty=slot.seats - taken[slot.id],
        )
        days[begins.date()].append(shift)
    return (SheetDay(day, tuple(shifts)) for day, shifts in days.items())


def is_of(problem: Problem, listener: ListenerId, wing: str | None) -> bool:
    """Who has left is of no wing any more."""
    person = problem.person.get(listener)
    return wing is None or (person is not None and person.wing == wing)


def sheet(
    problem: Problem,
    assigned: Sequence[Assigned],
    *,
    title: str,
    wing: WingId | None = None,
    names: Names = NOBODY_MORE,
) -> str:
    """A page to print and pin up."""
    some = days_on_sheet(problem, assigned, wing, names=names)
    days = {f"{one.day:%A} {one.day.day} {one.day:%B}": one.shifts for one in some}
    return _PAGES.get_template("sheet.html").render(title=title, days=days)


def _when(problem: Problem, slot: Slot) -> tuple[str, str, str]:
    begins, ends = (moment.astimezone(problem.zone) for moment in (slot.starts_at, slot.ends_at))
    return slot.id, f"{begins:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}"


def _assigned(problem: Problem, lines: Sequence[Mapping[str, str]]) -> tuple[Assigned, ...]:
    if lines and not {"slot", "listener"} <= set(lines[0]):
        raise BadRotaFile([f"the first row must name the columns: {', '.join(COLUMNS)}"])
    ids = {person.called: person.id for person in problem.people}
    found: dict[tuple[str, ListenerId], Assigned] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, start=2):
        slot, name, cover = (str(line.get(key) or "").strip() for key in ("slot", "listener", "cover"))
        if not name:
            continue
        complaint = _complaint(problem, ids, (slot, name, cover or Cover.FIRST.value))
        if complaint or (slot, ids[name]) in found:
            wrong.append(f"row {number}: {complaint or f'{name} is on {slot!r} twice'}")
        else:
            found[slot, ids[name]] = Assigned(slot, ids[name], Cover(cover or Cover.FIRST.value))
    if wrong:
        raise BadRotaFile(wrong)
    return tuple(sorted(found.values()))


def _complaint(problem: Problem, ids: Mapping[str, ListenerId], row: tuple[str, str, str]) -> str:
    slot, name, cover = row
    if slot not in problem.slot:
        return f"there is no shift {slot!r} on these days"
    if name not in ids:
        return f"there is no Listener {name!r}"
    return "" if cover in set(Cover) else f"cover is {cover!r}, and not first or backup"
