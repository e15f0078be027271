"""Signed sessions, the token that proves a form is ours, and a brake on guessing passwords."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from models.words import AccountId, Instant

COOKIE = "wingline"
# One long shift.
LIFETIME = timedelta(hours=12)
TRIES = 5
WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """One browser, before (no account) or after somebody signed in."""

    mark: str
    account: AccountId | None = None


class Sessions:
    """Kept by the browser and signed by us, so that a restart of the line signs nobody out in an emergency."""

    def __init__(self, secret: str) -> None:
        self._cookies = URLSafeTimedSerializer(secret, salt="console session")
        self._forms = Signer(secret, salt="console form")
        # Forgotten at a restart: a session that was signed out lives again only for who also stole its cookie.
        self._ended: set[str] = set()

    def begin(self, account: AccountId | None = None) -> BrowserSession:
        return BrowserSession(token_urlsafe(18), account)

    def cookie(self, session: BrowserSession) -> str:
        return str(self._cookies.dumps([session.mark, session.account]))

    def read(self, cookie: str | None) -> BrowserSession | None:
        if not cookie:
            return None
        try:
            mark, account = self._cookies.loads(cookie, max_age=int(LIFETIME.total_seconds()))
        except BadData:
            return None
        return None if mark in self._ended else BrowserSession(mark, account)

    def end(self, session: BrowserSession) -> None:
        self._ended.add(session.mark)

    def token(self, session: BrowserSession) -> str:
        return self._forms.get_signature(session.mark).decode()

    def is_our_form(self, session: BrowserSession, token: str) -> bool:
        return self._forms.verify_signature(session.mark.encode(), token.encode())


class Throttle:
    """A few tries for each name, then a wait; in memory, because a restart is rarer than a guess."""

    def __init__(self) -> None:
        self._tries: dict[str, list[Instant]] = {}

    def allows(self, name: str, now: Instant) -> bool:
        """Counts this try, and says whether it may be made."""
        self._tries = dict(self._recent(now))
        tries = self._tries.setdefault(name, [])
        if len(tries) >= TRIES:
            return False
        tries.append(now)
        return True

    def forget(self, name: str) -> None:
        self._tries.pop(name, None)

    def _recent(self, now: Instant) -> Iterator[tuple[str, list[Instant]]]:
        for name, tries in self._tries.items():
            if recent := [at for at in tries if now - at < WITHIN]:
                yield name, recent
