"""What may be published of a period (domain.md 5.1 and 6, layer 8).

Counts are hidden by ``escalation.suppression``, together with everything of the same time that was published before, so
that nothing can be got back from a longer period. A week has one count, of calls: more of them would be small, and
would hide those of the longer periods as well. What else is said of a week or an hour is in bands (``banding.py``).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from console.figures import measures
from console.figures.banding import Figures, by_hour, by_wing, of_week, times
from console.figures.measures import WAITS, Ending, Seen, ShiftSeen, SignedOn
from console.figures.periods import LENGTHS, Period
from escalation.suppression import ALL, Cell, Counts, Known, Sum, published


def publish(period: Period, seen: Seen, zone: ZoneInfo, before: Mapping[Period, Figures]) -> Figures:
    """``before``: what was published of all the shorter periods in it; ``seen``: its rows, to the last."""
    new = _counts(period, seen, zone)
    known = _known(period, new, {one: _counts(one, seen, zone) for one in before}, before)
    shown = {(_figure(cell), cell.row, cell.column): value for cell, value in published(new, known=known).items()}
    since, until = period.span(zone)
    here = seen.between(since, until)
    total = shown["endings", ALL, ALL]
    if not period.by_hour:
        return {**shown, **times(here, since, until, hidden=total is None), **of_week(here)}
    hidden = shown["endings", ALL, Ending.ANSWERED] is None
    found = {**shown, **times(here, since, until, hidden=hidden)}
    return {**found, **by_hour(here, period.days_begin(zone), zone, total), **by_wing(here, since, until)}


# ---- counts


def _counts(period: Period, seen: Seen, zone: ZoneInfo) -> Sequence[Counts]:
    since, until = period.span(zone)
    here = seen.between(since, until)
    waited = [call for call in here.calls if call.waited_from is not None]
    if not period.by_hour:
        return (Counts(f"{period}/endings", (ALL,), (ALL,), {(ALL, ALL): len(waited)}),)
    listened = sum(call.listening for call in waited)
    return (
        _row(period, "endings", tuple(Ending), measures.endings(waited)),
        _row(period, "waits", WAITS, measures.waits(waited)),
        _row(period, "consent", ("yes", "no"), {"yes": listened, "no": len(waited) - listened}),
        _row(period, "before", ("not_waited",), {"not_waited": len(here.calls) - len(waited)}),
        _row(period, "rings", measures.NOT_TAKEN, Counter(ring.end for ring in here.rings)),
        _signed_on(period, [one for one in here.shifts if since <= one.starts_at]),
    )


def _row(period: Period, figure: str, kinds: Sequence[str], counts: Mapping[str, int]) -> Counts:
    names = tuple(str(kind) for kind in kinds)
    return Counts(f"{period}/{figure}", (ALL,), names, {(ALL, kind): counts.get(kind, 0) for kind in names})


def _signed_on(period: Period, shifts: Sequence[ShiftSeen]) -> Counts:
    """By wing, where there is more than one."""
    wings = tuple(sorted({str(one.wing) for one in shifts}))
    rows = wings if len(wings) > 1 else (ALL,)
    inner = Counter((str(one.wing) if len(rows) > 1 else ALL, str(measures.signed_on(one))) for one in shifts)
    return Counts(f"{period}/signed_on", rows, tuple(str(one) for one in SignedOn), inner)


def _known(
    period: Period, new: Sequence[Counts], parts: Mapping[Period, Sequence[Counts]], before: Mapping[Period, Figures]
) -> Known:
    values: dict[Cell, int] = {}
    shown: dict[Cell, int | None] = {}
    for one, tables in parts.items():
        for cell, value in (pair for table in tables for pair in table.values().items()):
            was = before[one].get((_figure(cell), cell.row, cell.column))
            shown[cell] = was
            values[cell] = value if was is None else was
    everything = {**values, **{cell: value for table in new for cell, value in table.values().items()}}
    periods = [period, *parts]
    sums = [one for table in (table for tables in parts.values() for table in tables) for one in table.sums()]
    sums += [one for each in periods for one in (*_same(each), *_made_of(each, everything))]
    # A Listener who has moved to another wing since counts there now: where nothing adds up, nothing can be subtracted.
    return Known(values, shown, tuple(one for one in sums if _holds(one, everything)))


def _same(period: Period) -> Iterator[Sum]:
    """What two tables of one period both say."""
    ends, answered = Cell(f"{period}/endings", ALL, ALL), Cell(f"{period}/endings", ALL, str(Ending.ANSWERED))
    yield Sum(answered, (Cell(f"{period}/waits", ALL, ALL),))
    yield Sum(ends, (Cell(f"{period}/consent", ALL, ALL),))


def _made_of(period: Period, cells: Mapping[Cell, int]) -> Iterator[Sum]:
    """Each cell is the sum of the same cells of the shorter periods."""
    for weeks in (length for length in LENGTHS if length < period.weeks):
        for cell in cells:
            name, figure = cell.table.split("/")
            if name == str(period):
                yield Sum(cell, tuple(cell._replace(table=f"{one}/{figure}") for one in period.cut(weeks)))


def _holds(one: Sum, values: Mapping[Cell, int]) -> bool:
    return all(cell in values for cell in (one.total, *one.parts)) and values[one.total] == sum(
        values[part] for part in one.parts
    )


def _figure(cell: Cell) -> str:
    return cell.table.split("/")[1]
