"""Who is signed in where: begun, used, and ended by idleness, by its time, by themselves or by the command line."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from console.accounts import SignedIn, signed_in
from console.sessions import BrowserSession
from console.signing_in_rules import SigningIn
from models import audit
from models.tables import Account, SignIn
from models.words import Instant, SiteId

# Nobody needs to know more exactly when somebody was last there, and pages are read without a write.
SEEN_EVERY = timedelta(minutes=1)


def begin(session: Session, who: SignedIn, browser: BrowserSession, rules: SigningIn, now: Instant) -> None:
    session.execute(delete(SignIn).where(SignIn.ends_at <= now))
    ends_at = now + rules.at_most
    session.add(SignIn(hash=browser.hash, account_id=who.account, began_at=now, seen_at=now, ends_at=ends_at))
    audit.note(session, who.name, "signed_in", None, now)


def whose(session: Session, site: SiteId, browser: BrowserSession, rules: SigningIn, now: Instant) -> SignedIn | None:
    """Nobody, when it has ended. To look is not to be there: ``seen`` says so."""
    found = session.execute(select(SignIn, Account).join(Account).where(SignIn.hash == browser.hash)).one_or_none()
    if found is None or found.Account.site_id != site:
        return None
    who = signed_in(found.Account)
    if found.SignIn.ends_at > now and now - found.SignIn.seen_at <= rules.idle_of(who.role):
        return who
    if _gone(session, browser):
        audit.note(session, who.name, "sign_in_ran_out", None, now)
    return None


def seen(session: Session, browser: BrowserSession, now: Instant) -> None:
    """Somebody did something in this browser."""
    mine = SignIn.hash == browser.hash, SignIn.seen_at <= now - SEEN_EVERY
    session.execute(update(SignIn).where(*mine).values(seen_at=now))


def began_at(session: Session, browser: BrowserSession) -> Instant | None:
    return session.scalar(select(SignIn.began_at).where(SignIn.hash == browser.hash))


def end(session: Session, browser: BrowserSession, now: Instant) -> None:
    found = select(Account.name).join(SignIn).where(SignIn.hash == browser.hash)
    name = session.scalar(found)
    if name is not None and _gone(session, browser):
        audit.note(session, name, "signed_out", None, now)


def end_elsewhere(session: Session, who: SignedIn, here: BrowserSession) -> None:
    """In every browser of theirs but this one."""
    session.execute(delete(SignIn).where(SignIn.account_id == who.account, SignIn.hash != here.hash))


def end_everywhere(session: Session, who: SignedIn, now: Instant) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == who.account))
    audit.note(session, who.name, "signed_out_everywhere", None, now)


def _gone(session: Session, browser: BrowserSession) -> bool:
    """Of two who end it at once, one did."""
    gone = delete(SignIn).where(SignIn.hash == browser.hash).returning(SignIn.hash)
    return session.scalar(gone) is not None
