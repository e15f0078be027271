"""The mark of a browser, the token that proves a form is ours, and a brake on guessing.

A browser has a mark before anybody signs in, for the form, and gets another one then. The mark is in a signed cookie;
who is signed in with it, and for how long, stands in the database (sessions_store.py), where it can be ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from models.words import Instant

COOKIE = "wingline"
# What itsdangerous would take by itself is SHA-1.
SIGNED: dict[str, Any] = {"key_derivation": "hmac", "digest_method": sha256}
TRIES = 5
WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """One browser, before or after somebody signed in."""

    mark: str

    @property
    def hash(self) -> str:
        """What is kept of it: whoever reads the table can sign in with nothing that stands there."""
        return sha256(self.mark.encode()).hexdigest()


class Sessions:
    """Signed, so that nobody can choose another's mark, nor a mark of their own for another."""

    def __init__(self, secret: str, lasts: timedelta) -> None:
        self._cookies = URLSafeTimedSerializer(secret, salt="console session", signer_kwargs=SIGNED)
        self._forms = Signer(secret, salt="console form", **SIGNED)
        self.lasts = lasts

    def begin(self) -> BrowserSession:
        return BrowserSession(token_urlsafe(18))

    def cookie(self, session: BrowserSession) -> str:
        return str(self._cookies.dumps([session.mark]))

    def read(self, cookie: str | None) -> BrowserSession | None:
        if not cookie:
            return None
        try:
            mark, *_ = self._cookies.loads(cookie, max_age=int(self.lasts.total_seconds()))
        except (BadData, ValueError):
            return None
        return BrowserSession(mark)

    def token(self, session: BrowserSession) -> str:
        return self._forms.get_signature(session.mark).decode()

    def is_our_form(self, session: BrowserSession, token: str) -> bool:
        return self._forms.verify_signature(session.mark.encode(), token.encode())


class Throttle:
    """A few tries for each name, then a wait; in memory, because a restart is rarer than a guess."""

    def __init__(self, tries: int = TRIES, within: timedelta = WITHIN) -> None:
        self._most = tries
        self._within = within
        self._tries: dict[str, list[Instant]] = {}

    def allows(self, name: str, now: Instant) -> bool:
        """Counts this try, and says whether it may be made."""
        self._tries = dict(self._recent(now))
        tries = self._tries.setdefault(name, [])
        if len(tries) >= self._most:
            return False
        tries.append(now)
        return True

    def forget(self, name: str) -> None:
        self._tries.pop(name, None)

    def give_back(self, name: str) -> None:
        """A try that was right is none: many may sign in from one address."""
        if tries := self._tries.get(name):
            tries.pop()

    def _recent(self, now: Instant) -> Iterator[tuple[str, list[Instant]]]:
        for name, tries in self._tries.items():
            if recent := [at for at in tries if now - at < self._within]:
                yield name, recent
