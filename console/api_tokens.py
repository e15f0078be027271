"""Tokens by which other systems of the prison use the API: made and ended on the command line, shown once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from models import audit
from models.clock import new_id
from models.errors import NotAllowed, UnknownName
from models.tables import Site, Token
from models.words import SiteId
from rota.site_rota import By

# So that somebody who finds one knows what it opens, and a search for secrets finds it.
PREFIX = "wingline_"
NAME = re.compile("[a-z0-9][a-z0-9-]{0,39}")
# A system may ask every few seconds; nobody needs to know more exactly when it was last there.
USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token opens, and nothing else."""

    MOVEMENTS = "movements"
    KEEP_APART = "keep-apart"
    FIGURES = "figures"
    LISTENERS = "listeners"
    ROTA = "rota"
    ESCALATIONS = "escalations"
    HEALTH = "health"
    ALARMS = "alarms"


@dataclass(frozen=True, slots=True)
class Bearer:
    """The system at the other end of a request."""

    name: str
    scope: Scope

    @property
    def who(self) -> str:
        """In the audit."""
        return f"token {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    name: str
    scope: Scope
    made_at: datetime
    made_by: str
    last_used_at: datetime | None
    ended_at: datetime | None


def make_token(session: Session, site: SiteId, name: str, scope: Scope, by: By) -> str:
    """What the other system sends; only its hash is kept."""
    if not NAME.fullmatch(name):
        raise NotAllowed("make the token", "its name must have 1 to 40 small letters, digits and hyphens")
    if session.get(Site, site) is None:
        raise NotAllowed("make the token", "the site is not in the database; wingline site apply FILE")
    if session.scalar(select(exists().where(*_open(site), Token.name == name))):
        raise NotAllowed("make the token", f"there is one with this name; wingline tokens end {name}")
    secret = PREFIX + token_urlsafe(32)
    row = Token(
        id=new_id("token"),
        site_id=site,
        name=name,
        hash=_hash(secret),
        scope=scope.value,
        made_at=by.at,
        made_by=by.who,
    )
    session.add(row)
    audit.note(session, by.who, "token_made", row.id, by.at)
    return secret


def end_token(session: Session, site: SiteId, name: str, by: By) -> None:
    """From now on it opens nothing."""
    row = session.scalar(select(Token).where(*_open(site), Token.name == name))
    if row is None:
        raise UnknownName("token that has not ended", name)
    row.ended_at, row.hash = by.at, None
    audit.note(session, by.who, "token_ended", row.id, by.at)


def tokens_of(session: Session, site: SiteId) -> tuple[KnownToken, ...]:
    """Also those that have ended, in the order in which they were made."""
    rows = session.scalars(select(Token).where(Token.site_id == site).order_by(Token.made_at, Token.id))
    return tuple(
        KnownToken(
            name=row.name,
            scope=Scope(row.scope),
            made_at=row.made_at,
            made_by=row.made_by,
            last_used_at=row.last_used_at,
            ended_at=row.ended_at,
        )
        for row in rows
    )


def bearer_of(session: Session, site: SiteId, secret: str, now: datetime) -> Bearer | None:
    row = session.scalar(select(Token).where(*_open(site), Token.hash == _hash(secret)))
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at >= USED_EVERY:
        row.last_used_at = now
    return Bearer(row.name, Scope(row.scope))


def _open(site: SiteId) -> tuple[ColumnElement[bool], ...]:
    return Token.site_id == site, Token.ended_at.is_(None)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
