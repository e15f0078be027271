"""Who signs in to the console, with what, and what was done there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SECRET, SITE, STAFF, WHILE_IN_USE, YEARS_2, Base, UtcDateTime, column


class Account(Base):
    """Made and ended on the command line alone."""

    __tablename__ = "accounts"
    id: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60), unique=True)
    # Empty until somebody has chosen one, and for good where they sign in by passkey or by the prison's directory.
    password: Mapped[str | None] = column(SECRET, WHILE_IN_USE, String(200))
    role: Mapped[str] = column(STAFF, WHILE_IN_USE, String(20))
    # What an authenticator app was given, sealed with the site's own key (console/accounts_totp.py).
    totp: Mapped[str | None] = column(SECRET, WHILE_IN_USE, String(200))
    # The half minute whose code was used last: neither it nor one before it is taken again.
    totp_used: Mapped[int | None] = column(STAFF, WHILE_IN_USE, Integer)
    # A hash of who this is in the prison's own directory.
    directory: Mapped[str | None] = column(SECRET, WHILE_IN_USE, String(64))
    __table_args__ = (Index("one_account_in_the_directory", "directory", unique=True),)


class Invitation(Base):
    """A code that lets somebody in once, to choose what they will sign in with."""

    __tablename__ = "invitations"
    hash: Mapped[str] = column(SECRET, WHILE_IN_USE, String(64), primary_key=True)
    account_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("accounts.id"), unique=True)
    made_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    made_by: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60))
    ends_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)


class Passkey(Base):
    """What a browser or a key-ring signs with for one account; only its public half is here."""

    __tablename__ = "passkeys"
    id: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    account_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("accounts.id"))
    credential: Mapped[str] = column(SECRET, WHILE_IN_USE, String(200), unique=True)
    # COSE in base64url; an RSA key of Windows Hello has 363 characters.
    public_key: Mapped[str] = column(SECRET, WHILE_IN_USE, String(800))
    sign_count: Mapped[int] = column(STAFF, WHILE_IN_USE, Integer)
    made_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    used_at: Mapped[datetime | None] = column(STAFF, WHILE_IN_USE, UtcDateTime)


class SignIn(Base):
    """One browser in which somebody is signed in; the row goes when that ends."""

    __tablename__ = "sign_ins"
    # Of the mark in the browser's cookie, which nobody can guess: a fast hash is enough.
    hash: Mapped[str] = column(SECRET, WHILE_IN_USE, String(64), primary_key=True)
    account_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("accounts.id"))
    began_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    seen_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    ends_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)


class Act(Base):
    """Who did what on the console and in the protocol; never about a caller who was not disclosed.

    Only ``models.audit`` writes it. Numbers have no gaps, each hash covers the one before, and triggers let rows only
    be added (migrations/versions/fourth.py).
    """

    __tablename__ = "acts"
    id: Mapped[int] = column(STAFF, YEARS_2, Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = column(STAFF, YEARS_2, UtcDateTime)
    who: Mapped[str] = column(STAFF, YEARS_2, String(60))
    what: Mapped[str] = column(STAFF, YEARS_2, String(40))
    about: Mapped[str | None] = column(STAFF, YEARS_2, String(40))
    previous: Mapped[str] = column(STAFF, YEARS_2, String(64))
    hash: Mapped[str] = column(STAFF, YEARS_2, String(64))
    __table_args__ = (Index("acts_by_deed", "what", "at"),)


class AuditAnchor(Base):
    """The last act that was forgotten: its number, and its hash, from which nothing of it can be read."""

    __tablename__ = "audit_anchors"
    number: Mapped[int] = column(SITE, WHILE_IN_USE, Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = column(SITE, WHILE_IN_USE, String(64))
