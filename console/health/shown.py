"""How the machinery is said to technicians: what needs a look, and the tables below it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.drills_wording import FINDINGS, KINDS, came_of, first_ring
from console.health.store import Facts, NodeSeen, PhoneHere, Unsent
from console.ports import HeadSeen, HearingNow
from console.wall_clock import WallClock
from console.wording import POSTS, TURNED_OFF_BY
from escalation.drill_report import DrillReport
from escalation.messages import Fault
from escalation.nodes import SILENT_FOR
from escalation.suppression import SMALLEST_SHOWN
from models.words import PhoneId, PhoneKind

Rows = Sequence[tuple[str, ...]]

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PHONES = {PhoneKind.CELL: "Cell", PhoneKind.LISTENER: "Listener", PhoneKind.STAFF: "Staff"}
FAULTS = {
    Fault.NOT_REACHED: "The server cannot be reached",
    Fault.NOT_TRUSTED: "No TLS, or a certificate that this machine does not trust",
    Fault.TIMED_OUT: "No answer in time",
    Fault.NOT_NOW: "The server asks to try again later",
    Fault.REFUSED: "The server refuses it",
    Fault.REDIRECTED: "The server sends us elsewhere, where we do not go",
    Fault.NO_SECRET: "Its secret is missing or cannot be used",
    Fault.WRONG_SECRET: "The server does not take its secret",
    Fault.NO_CONTACT: "The contact is not in the site file any more",
    Fault.OURS: "A fault of Wingline's own: see the log for message.failed",
}
# A head is written after each midnight; the line has a day for it.
HEAD_IS_OLD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Machinery:
    """What the line says of itself now, beside what is read from the database."""

    asterisk_up: bool
    unreachable: frozenset[PhoneId]
    hearing: HearingNow
    head: HeadSeen | None
    version: str
    backup_warn_after: timedelta | None


def wrong(facts: Facts, line: Machinery, time: WallClock) -> Iterator[str]:
    """What needs a look, the gravest first, and what to do."""
    if not line.asterisk_up:
        yield "There is no link to Asterisk: no call is answered by the line. See the log of Asterisk, and the doctor."
    else:
        yield from _phones_away(facts.phones, line.unreachable)
    if not line.hearing.listening and not line.hearing.off:
        yield "The computer does not listen: calls go on without it. See the log of speech."
    for night in facts.nights[:1]:
        if night.broken:
            yield f"The last nightly call was {came_of(night)}."
    if facts.unsent:
        yield "Messages to contacts cannot be sent. See below to whom and why; wingline doctor tries each contact."
    yield from (f"Node {one.id} has stopped: start it again." for one in facts.nodes if is_silent(one, facts))
    if line.head and _age(line.head, time) > HEAD_IS_OLD:
        yield "The audit's last head is old. The line writes one after each midnight: see its log for audit.heads."
    yield from _backup_wrong(line, facts)


def how(line: Machinery, facts: Facts, time: WallClock) -> Rows:
    """The short answers at the top."""
    return (
        ("Link to Asterisk", "Up" if line.asterisk_up else "Down"),
        ("Speech", _speech(line.hearing, time)),
        ("Phones registered", _registered(facts.phones, line)),
        ("Database", DATABASES.get(facts.database, facts.database)),
        ("Last head of the audit", _head(line.head, time)),
        ("Last backup", _backup(line, facts, time)),
        ("Version of Wingline", line.version),
    )


def phones(facts: Facts, line: Machinery) -> Rows:
    """Those that are not registered first."""
    ordered = sorted(facts.phones, key=lambda one: one.id not in line.unreachable)
    return tuple((one.id, PHONES[one.kind], POSTS[one.post] if one.post else "", _state(one, line)) for one in ordered)


def nights(facts: Facts, time: WallClock) -> Rows:
    return tuple((time.at(one.began_at), KINDS[one.kind], came_of(one)) for one in facts.nights)


def drills(facts: Facts, time: WallClock) -> Rows:
    """Not who asked for it, acknowledged or came."""
    return tuple(
        (
            time.at(one.asked.at),
            KINDS[one.asked.kind],
            first_ring(one) if one.began_at else "has not begun",
            _found(one),
        )
        for one in facts.drills
    )


def unsent(facts: Facts) -> Rows:
    """A small number would say how often staff were told about somebody."""
    return tuple((one.contact, FAULTS[one.fault], _number(one)) for one in facts.unsent)


def nodes(facts: Facts, time: WallClock) -> Rows:
    return tuple((one.id, time.at(one.seen_at), "Stopped" if is_silent(one, facts) else "Lives") for one in facts.nodes)


def _phones_away(phones_here: Sequence[PhoneHere], unreachable: frozenset[PhoneId]) -> Iterator[str]:
    away = [one for one in phones_here if one.id in unreachable]
    for one in away:
        if one.post:
            yield f"The phone of {POSTS[one.post]} is not registered ({one.id}). Look at its cable and its set-up."
    others = sum(one.post is None for one in away)
    if others:
        which = "One phone of a cell or a Listener is" if others == 1 else f"{others} phones of cells or Listeners are"
        yield f"{which} not registered. See below which."


def _speech(hearing: HearingNow, time: WallClock) -> str:
    """Turned off is no fault: there is nothing to look for."""
    if hearing.off:
        return f"Turned off {TURNED_OFF_BY[hearing.off.by]}, since {time.at(hearing.off.since)}"
    since = f", since {time.at(hearing.since)}" if hearing.since else ""
    return ("Listens" if hearing.listening else "Does not listen") + since


def _registered(phones_here: Sequence[PhoneHere], line: Machinery) -> str:
    if not line.asterisk_up:
        return "Not known without the link to Asterisk"
    return f"{sum(one.id not in line.unreachable for one in phones_here)} of {len(phones_here)}"


def _state(phone: PhoneHere, line: Machinery) -> str:
    if not line.asterisk_up:
        return "Not known"
    return "Not registered" if phone.id in line.unreachable else "Registered"


def is_silent(node: NodeSeen, facts: Facts) -> bool:
    return facts.read_at - node.seen_at > SILENT_FOR


def _found(drill: DrillReport) -> str:
    if drill.findings:
        return " ".join(FINDINGS[one] for one in drill.findings)
    if drill.began_at is None:
        return "Begins when no escalation is open"
    return "Nothing to look at" if drill.closed else "Goes on"


def _number(of: Unsent) -> str:
    return f"fewer than {SMALLEST_SHOWN}" if of.number < SMALLEST_SHOWN else str(of.number)


def _head(head: HeadSeen | None, time: WallClock) -> str:
    if head is None:
        return "None yet: the line writes one after each midnight"
    days = _age(head, time).days
    old = "yesterday" if days == 1 else f"{days} days ago"
    return f"Of {head.day.day} {head.day:%B %Y}, {old}"


def _backup_wrong(line: Machinery, facts: Facts) -> Iterator[str]:
    if line.backup_warn_after is None:
        yield "Nothing is backed up: the site file names nobody who could open a backup. See docs/backups.md."
    elif facts.backed_up_at is None:
        yield "There has been no backup. Make one: wingline backup, and see why its timer did not."
    elif facts.read_at - facts.backed_up_at > line.backup_warn_after:
        yield "The last backup is old. Make one: wingline backup, and see why its timer did not."


def _backup(line: Machinery, facts: Facts, time: WallClock) -> str:
    if facts.backed_up_at is not None:
        return time.at(facts.backed_up_at)
    return "None yet" if line.backup_warn_after else "None: the site file says nothing of backups"


def _age(head: HeadSeen, time: WallClock) -> timedelta:
    """In whole days of the site's zone."""
    return time.now.astimezone(time.zone).date() - head.day
