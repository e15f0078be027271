"""How the machinery is said to technicians: what needs a look, and the tables below it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.drills_wording import FINDINGS, KINDS, came_of, first_ring
from console.health.store import Facts, NodeSeen, PhoneHere, Unsent
from console.language import Words, _, day_of_year, n_
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
PHONES = Words({PhoneKind.CELL: "Cell", PhoneKind.LISTENER: "Listener", PhoneKind.STAFF: "Staff"})
FAULTS = Words(
    {
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
)
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
        yield _(
            "There is no link to Asterisk: no call is answered by the line. See the log of Asterisk, and the doctor."
        )
    else:
        yield from _phones_away(facts.phones, line.unreachable)
    if not line.hearing.listening and not line.hearing.off:
        yield _("The computer does not listen: calls go on without it. See the log of speech.")
    for night in facts.nights[:1]:
        if night.broken:
            yield _("The last nightly call was %(night)s.", night=came_of(night))
    if facts.unsent:
        yield _("Messages to contacts cannot be sent. See below to whom and why; wingline doctor tries each contact.")
    yield from (
        _("Node %(id)s has stopped: start it again.", id=one.id) for one in facts.nodes if is_silent(one, facts)
    )
    if line.head and _age(line.head, time) > HEAD_IS_OLD:
        yield _("The audit's last head is old. The line writes one after each midnight: see its log for audit.heads.")
    yield from _backup_wrong(line, facts)


def how(line: Machinery, facts: Facts, time: WallClock) -> Rows:
    """The short answers at the top."""
    return (
        (_("Link to Asterisk"), _("Up") if line.asterisk_up else _("Down")),
        (_("Speech"), _speech(line.hearing, time)),
        (_("Phones registered"), _registered(facts.phones, line)),
        (_("Database"), DATABASES.get(facts.database, facts.database)),
        (_("Last head of the audit"), _head(line.head, time)),
        (_("Last backup"), _backup(line, facts, time)),
        (_("Version of Wingline"), line.version),
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
            first_ring(one) if one.began_at else _("has not begun"),
            _found(one),
        )
        for one in facts.drills
    )


def unsent(facts: Facts) -> Rows:
    """A small number would say how often staff were told about somebody."""
    return tuple((one.contact, FAULTS[one.fault], _number(one)) for one in facts.unsent)


def nodes(facts: Facts, time: WallClock) -> Rows:
    return tuple(
        (one.id, time.at(one.seen_at), _("Stopped") if is_silent(one, facts) else _("Lives")) for one in facts.nodes
    )


def _phones_away(phones_here: Sequence[PhoneHere], unreachable: frozenset[PhoneId]) -> Iterator[str]:
    away = [one for one in phones_here if one.id in unreachable]
    for one in away:
        if one.post:
            yield _(
                "The phone of %(post)s is not registered (%(id)s). Look at its cable and its set-up.",
                post=POSTS[one.post],
                id=one.id,
            )
    others = sum(one.post is None for one in away)
    if others:
        yield n_(
            "One phone of a cell or a Listener is not registered. See below which.",
            "%(count)s phones of cells or Listeners are not registered. See below which.",
            others,
        )


def _speech(hearing: HearingNow, time: WallClock) -> str:
    """Turned off is no fault: there is nothing to look for."""
    if hearing.off:
        return _("Turned off %(by)s, since %(time)s", by=TURNED_OFF_BY[hearing.off.by], time=time.at(hearing.off.since))
    if hearing.since is None:
        return _("Listens") if hearing.listening else _("Does not listen")
    since = time.at(hearing.since)
    return (
        _("Listens, since %(time)s", time=since)
        if hearing.listening
        else _("Does not listen, since %(time)s", time=since)
    )


def _registered(phones_here: Sequence[PhoneHere], line: Machinery) -> str:
    if not line.asterisk_up:
        return _("Not known without the link to Asterisk")
    there = sum(one.id not in line.unreachable for one in phones_here)
    return _("%(some)s of %(all)s", some=there, all=len(phones_here))


def _state(phone: PhoneHere, line: Machinery) -> str:
    if not line.asterisk_up:
        return _("Not known")
    return _("Not registered") if phone.id in line.unreachable else _("Registered")


def is_silent(node: NodeSeen, facts: Facts) -> bool:
    return facts.read_at - node.seen_at > SILENT_FOR


def _found(drill: DrillReport) -> str:
    if drill.findings:
        return " ".join(FINDINGS[one] for one in drill.findings)
    if drill.began_at is None:
        return _("Begins when no escalation is open")
    return _("Nothing to look at") if drill.closed else _("Goes on")


def _number(of: Unsent) -> str:
    return _("fewer than %(count)s", count=SMALLEST_SHOWN) if of.number < SMALLEST_SHOWN else str(of.number)


def _head(head: HeadSeen | None, time: WallClock) -> str:
    if head is None:
        return _("None yet: the line writes one after each midnight")
    days = _age(head, time).days
    of = day_of_year(head.day)
    if days == 1:
        return _("Of %(day)s, yesterday", day=of)
    return n_("Of %(day)s, %(count)s days ago", "Of %(day)s, %(count)s days ago", days, day=of)


def _backup_wrong(line: Machinery, facts: Facts) -> Iterator[str]:
    if line.backup_warn_after is None:
        yield _("Nothing is backed up: the site file names nobody who could open a backup. See docs/backups.md.")
    elif facts.backed_up_at is None:
        yield _("There has been no backup. Make one: wingline backup, and see why its timer did not.")
    elif facts.read_at - facts.backed_up_at > line.backup_warn_after:
        yield _("The last backup is old. Make one: wingline backup, and see why its timer did not.")


def _backup(line: Machinery, facts: Facts, time: WallClock) -> str:
    if facts.backed_up_at is not None:
        return time.at(facts.backed_up_at)
    return _("None yet") if line.backup_warn_after else _("None: the site file says nothing of backups")


def _age(head: HeadSeen, time: WallClock) -> timedelta:
    """In whole days of the site's zone."""
    return time.now.astimezone(time.zone).date() - head.day
