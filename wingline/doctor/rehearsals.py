"""Whether drills and the nightly call to itself are planned, can be made, and how the last ones went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from escalation.drill_report import DrillReport, drills_at
from escalation.nightly import Nightly, latest
from models.errors import WinglineError
from models.words import Instant
from wingline.doctor.finding import Finding, failed, ok, warning
from wingline.setup.programs import programs
from wingline.site import SiteFile

# A night in which somebody was always on the line is left out; two are not usual.
LATELY = timedelta(hours=50)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the rows say of the last ones."""

    drill: DrillReport | None
    night: Nightly | None


def rehearsed(session: Session, site: SiteFile, now: Instant) -> Rehearsed:
    drills: Sequence[DrillReport] = drills_at(session, site.id, now, most=1)
    return Rehearsed(next(iter(drills), None), next(iter(latest(session, site.id)), None))


def has_phones() -> bool:
    """Whether there is a program that the line can hold phones with."""
    try:
        programs().command("baresip")
    except WinglineError:
        return False
    return True


def drills(site: SiteFile, last: DrillReport | None) -> Finding:
    if site.drills is None:
        do = 'write [drills] with a day and a time into the site file, or day = "off" (docs/site-example.toml)'
        return warning("drills", "no drill is planned", do)
    if last is not None and last.findings:
        return warning("drills", "the last one found something", "wingline drill report")
    if site.drills.at is None:
        return ok("drills", "none by plan, as the site file says")
    return ok("drills", f"from day {site.drills.day} of each month on, at {site.drills.at:%H:%M}")


def nightly(site: SiteFile, last: Nightly | None, now: Instant, *, phones: bool) -> Finding:
    if site.nightly is None:
        do = "write [nightly] with a time into the site file (docs/site-example.toml), and start the line again"
        return warning("nightly call", "the line does not call itself at night", do)
    if not phones:
        do = "run .venv/bin/python -m wingline.setup line people"
        return failed("nightly call", "the program that it needs for its phones, baresip, is missing", do)
    if last is not None and last.broken is not None:
        do = "wingline nightly run says it again, link by link; look at trouble.log and line.log"
        return failed("nightly call", f"the last one broke at the link {last.broken}", do)
    if last is None or now - last.began_at > LATELY:
        do = "keep the line up at that time, or make one now: wingline nightly run"
        return warning("nightly call", "there was none lately", do)
    return ok("nightly call", f"every link held; at {site.nightly.at:%H:%M} each night")
