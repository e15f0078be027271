"""Whether the profile that counts was signed by two people, and is still what they signed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from escalation import profile_store
from escalation.profile_checks import complaints
from escalation.signing import State, Version, in_force, state_of
from models.errors import BadProfile
from models.words import SiteId
from wingline.doctor.finding import Finding, Grade, failed, ok, warning

PROPOSE = (
    "wingline profile propose FILE --by NAME; then governor and scheme partner sign it on the console, at /profile"
)


def signed(session: Session, site: SiteId, now: datetime) -> Finding:
    found = judged_versions(profile_store.versions(session, site), now)
    if found.grade is not Grade.OK:
        return found
    try:
        profile = profile_store.in_force(session, site, now)
    except BadProfile as error:
        return failed("profile", f"this release cannot read what is in force: {error}", PROPOSE)
    wrong = list(complaints(profile)) if profile else []
    # It was right for the release in which it was signed, and goes on to count.
    return (
        warning("profile", f"this release would not take it any more: {'; '.join(wrong)}", PROPOSE) if wrong else found
    )


def judged_versions(known: Sequence[Version], now: datetime) -> Finding:
    changed = [one.number for one in known if state_of(one, known, now) is State.NOT_WHAT_WAS_SIGNED]
    if changed:
        numbers = " and ".join(str(number) for number in changed)
        return failed("profile", f"version {numbers} is not what was signed, and counts for nothing", PROPOSE)
    current = in_force(known, now)
    if current is None:
        return warning("profile", "nobody has signed the one that is in force: it is the site file's", PROPOSE)
    return ok("profile", f"{current.name}, version {current.number}, signed for the prison and for the scheme")
