"""The rows of a profile's versions: the only module that knows how they are kept; each step is in the audit."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation import signing
from escalation.profile import Profile
from escalation.profile_file import as_written, kept
from escalation.signing import For, Signature, Version
from models import audit, clock, tables
from models.errors import Cannot, UnknownName
from models.phrases import joined, marked, phrase
from models.words import Instant, SiteId


class Step(StrEnum):
    """What can be done to a version, as the audit says it."""

    PROPOSED = "profile proposed"
    SIGNED = "profile signed"
    IN_FORCE = "profile in force"
    WITHDRAWN = "profile withdrawn"


@dataclass(frozen=True, slots=True)
class By:
    """Which account does it, and when."""

    who: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Beginning:
    """From when a version counts, and what is wrong with its notice, as it was made and looked at for this."""

    number: int
    since: Instant
    wrong_notice: tuple[str, ...]


def propose(session: Session, site: SiteId, profile: Profile, by: By) -> Version:
    """Takes the place of a proposal that was open: what was signed of that one does not count for this."""
    rows = _rows(session, site, lock=True)
    number = max((row.number for row in rows), default=0) + 1
    for row in rows:
        if signing.is_open(_version(row)):
            _withdraw(session, row, by)
    session.flush()
    row = tables.ProfileVersion(
        id=clock.new_id("profile"),
        site_id=site,
        name=profile.name,
        number=number,
        content=_content(replace(profile, number=number)),
        proposed_at=by.at,
        proposed_by=by.who,
    )
    session.add(row)
    session.flush()
    audit.note(session, by.who, Step.PROPOSED, row.id, by.at)
    return _version(row)


def sign(session: Session, site: SiteId, number: int, behalf: For, signature: Signature) -> None:
    row = _row(session, site, number)
    why_not = signing.why_not_sign(_version(row), behalf, signature)
    if why_not:
        raise Cannot(phrase("cannot sign version %(number)s: %(why)s", number=str(number), why=why_not))
    if behalf is For.PRISON:
        row.prison_signed_by, row.prison_signed_at, row.prison_signed_hash = signature.by, signature.at, signature.hash
    else:
        row.scheme_signed_by, row.scheme_signed_at, row.scheme_signed_hash = signature.by, signature.at, signature.hash
    audit.note(session, signature.by, Step.SIGNED, row.id, signature.at)


def bring_into_force(session: Session, site: SiteId, beginning: Beginning, by: By) -> None:
    row = _row(session, site, beginning.number)
    found = list(signing.why_not_in_force(_version(row), versions(session, site), beginning.since, by.at))
    if found or beginning.wrong_notice:
        raise Cannot(
            phrase(
                "cannot bring version %(number)s into force: %(why)s",
                number=str(beginning.number),
                why=joined((*found, *beginning.wrong_notice), marked("%(one)s; %(next)s")),
            )
        )
    row.in_force_from = beginning.since
    audit.note(session, by.who, Step.IN_FORCE, row.id, by.at)


def withdraw(session: Session, site: SiteId, number: int, by: By) -> None:
    row = _row(session, site, number)
    why_not = signing.why_not_withdraw(_version(row), by.at)
    if why_not:
        raise Cannot(phrase("cannot withdraw version %(number)s: %(why)s", number=str(number), why=why_not))
    _withdraw(session, row, by)


def versions(session: Session, site: SiteId) -> tuple[Version, ...]:
    """The oldest first."""
    return tuple(_version(row) for row in _rows(session, site))


def version(session: Session, site: SiteId, number: int) -> tuple[Version, Profile]:
    row = _row(session, site, number)
    return _version(row), _profile(row)


def in_force(session: Session, site: SiteId, now: Instant) -> Profile | None:
    """What two people have signed, and nobody has changed since; None before there is one."""
    current = signing.in_force(versions(session, site), now)
    return _profile(_row(session, site, current.number)) if current else None


def in_force_and_planned(session: Session, site: SiteId, now: Instant) -> tuple[tuple[Instant, Profile], ...]:
    """From when each counts: the one in force first, then what is to come."""
    known = versions(session, site)
    current = signing.in_force(known, now)
    return tuple(
        (one.in_force_from, _profile(_row(session, site, one.number)))
        for one in signing.coming_into_force(known)
        if one.in_force_from and (one.in_force_from > now or one == current)
    )


def _withdraw(session: Session, row: tables.ProfileVersion, by: By) -> None:
    row.withdrawn_at = by.at
    audit.note(session, by.who, Step.WITHDRAWN, row.id, by.at)


def _rows(session: Session, site: SiteId, *, lock: bool = False) -> list[tables.ProfileVersion]:
    if lock:
        # Two who propose at once take turns: the second one's takes the place of the first.
        session.scalar(select(tables.Site.id).where(tables.Site.id == site).with_for_update())
    row = tables.ProfileVersion
    return list(session.scalars(select(row).where(row.site_id == site).order_by(row.number)))


def _row(session: Session, site: SiteId, number: int) -> tables.ProfileVersion:
    row = tables.ProfileVersion
    found = session.scalar(select(row).where(row.site_id == site, row.number == number).with_for_update())
    if found is None:
        raise UnknownName("version of the profile", str(number))
    return found


def _content(profile: Profile) -> dict[str, Any]:
    """What has no order is sorted, so that the same profile has the same hash."""
    written = as_written(profile)
    written["exception_rule"].sort()
    for part in (*written["protocols"].values(), *written["disclosures"].values()):
        part["tells"].sort()
    return written


def _profile(row: tables.ProfileVersion) -> Profile:
    return kept(row.content, f"{row.name} {row.number}")


def _version(row: tables.ProfileVersion) -> Version:
    return Version(
        number=row.number,
        name=row.name,
        hash=signing.hash_of(row.content),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        prison=_signature(row.prison_signed_by, row.prison_signed_at, row.prison_signed_hash),
        scheme=_signature(row.scheme_signed_by, row.scheme_signed_at, row.scheme_signed_hash),
        in_force_from=row.in_force_from,
        withdrawn_at=row.withdrawn_at,
    )


def _signature(by: str | None, at: Instant | None, of: str | None) -> Signature | None:
    return Signature(by, at, of) if by and at and of else None
