"""A site of its own for the nightly call to itself: a wing, a Listener, three phones.

Every board, rota, queue, export, report and figure asks for the rows of one site, so that what belongs to this one is
in none of them. Its phones ring for no caller but its own, and its caller reaches nobody else: in the dialplan a
channel with WL_TEST ends where others would go on to real people.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from escalation.profile import Disclosing, Profile, Protocol, Step
from ivr.asterisk_config import PhoneLine
from ivr.call import Rules
from ivr.owed import Owed
from ivr.ports import Ports
from models import tables
from models.words import Cause, Cover, Instant, Language, NodeId, PhoneId, PhoneKind, Post, SiteId, Standing
from wingline.site import SiteFile
from wingline.site_rows import PHONE_ID_BYTES

# Longer than any call of the line to itself.
ON_DUTY_FOR = timedelta(hours=1)
# Who closes what it raised, as a node on the same rows.
NODE = NodeId("nightly")
_STAFF = Post.TECHNICIAN
_PROTOCOL = Protocol(steps=(Step((_STAFF,), 60),), door_within=600, spoken_within=600, closed_within=3600)


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """One of the three phones that the line calls itself with."""

    id: PhoneId
    kind: PhoneKind
    secret: str = field(repr=False)


def beside(site: SiteId) -> SiteId:
    """No site file can name such a site: its ids have no underscore."""
    return SiteId(f"{site}_nightly")


def prepare(session: Session, site: SiteFile) -> None:
    """The rows that stay: the site, its wing, and phones that keep their names and secrets."""
    part, own = site.site, beside(site.id)
    facts = {"zone": part.zone, "short_code": part.short_code, "language": part.language, "profile": part.profile_name}
    session.merge(tables.Site(id=own, name="the nightly call to itself", **facts))
    session.flush()
    session.merge(tables.Wing(id=_wing(own), site_id=own, name="of nobody", letter="-"))
    present = {phone.kind for phone in phones(session, site.id)}
    for kind in (kind for kind in PhoneKind if kind not in present):
        session.add(
            tables.Phone(
                id=f"p{secrets.token_hex(PHONE_ID_BYTES)}",
                site_id=own,
                kind=kind.value,
                secret=secrets.token_hex(12),
                post=_STAFF if kind is PhoneKind.STAFF else None,
            )
        )
    session.flush()


def phones(session: Session, site: SiteId) -> Sequence[OwnPhone]:
    rows = session.scalars(select(tables.Phone).where(tables.Phone.site_id == beside(site)).order_by(tables.Phone.id))
    return [OwnPhone(PhoneId(row.id), PhoneKind(row.kind), row.secret) for row in rows]


def phone_lines(session: Session, site: SiteId) -> Sequence[PhoneLine]:
    return [PhoneLine(one.id, one.kind, one.secret, test=True) for one in phones(session, site)]


def put_on_duty(session: Session, site: SiteId, language: Language, now: Instant) -> None:
    """A Listener for this one call, who is on the rota of this site alone."""
    own = beside(site)
    clear_away(session, site)
    rung = next(one for one in phones(session, site) if one.kind is PhoneKind.LISTENER)
    listener = tables.Listener(
        id=f"{own}-listener",
        site_id=own,
        wing_id=_wing(own),
        phone_id=rung.id,
        code_name="nightly",
        standing=Standing.CERTIFIED.value,
        certified_from=now - ON_DUTY_FOR,
        certified_until=now + ON_DUTY_FOR,
        languages=[language],
    )
    session.add(listener)
    session.flush()
    hours = {"starts_at": now - ON_DUTY_FOR, "ends_at": now + ON_DUTY_FOR}
    shift = tables.Shift(id=f"{own}-shift", site_id=own, listener_id=listener.id, cover=Cover.FIRST.value, **hours)
    session.add(shift)
    session.flush()


def clear_away(session: Session, site: SiteId) -> None:
    """Whatever a call of the line to itself leaves; the audit alone, which can only grow, keeps that it was raised."""
    own = beside(site)
    calls = select(tables.Call.id).where(tables.Call.site_id == own)
    escalations = select(tables.Escalation.id).where(tables.Escalation.site_id == own)
    for table in (tables.Telling, tables.Message):
        session.execute(delete(table).where(table.escalation_id.in_(escalations)))
    session.execute(delete(tables.Escalation).where(tables.Escalation.site_id == own))
    for part in (tables.Talk, tables.Offer):
        session.execute(delete(part).where(part.call_id.in_(calls)))
    for counted in (tables.Call, tables.CallCount, tables.RuleCount, tables.Shift, tables.Listener):
        session.execute(delete(counted).where(counted.site_id == own))
    session.execute(delete(tables.Node).where(tables.Node.id == NODE))


def with_itself(ports: Ports, session: Session) -> Ports:
    """The same ports, and what the calls of its own phones use instead."""
    own = replace(ports, site=beside(ports.site), rules=lambda: _rules(ports.rules()), owed=Owed())
    return replace(ports, itself={one.id: own for one in phones(session, ports.site)})


def _rules(rules: Rules) -> Rules:
    return replace(rules, profile=profile_for_itself(rules.profile))


def profile_for_itself(profile: Profile) -> Profile:
    """The same words and waits. Staff are one phone of its own, no place is told, the machine alone tells nobody."""
    told = {cause: Disclosing("itself", frozenset()) for cause in Cause}
    return replace(profile, protocols={"itself": _PROTOCOL}, disclosures=told, exception_rule=frozenset())


def _wing(own: SiteId) -> str:
    return f"{own}-wing"
