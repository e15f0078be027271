"""Who had whom a moment ago, so that a caller who was cut off is offered the same Listener again."""

import hmac
import secrets
from datetime import datetime

from models.words import ListenerId, PhoneId


class Lately:
    """Each under a keyed mark of the phone, forgotten after minutes and with this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._had: dict[bytes, tuple[ListenerId, datetime]] = {}

    def note(self, phone: PhoneId, listener: ListenerId, *, until: datetime) -> None:
        self._had[self._mark(phone)] = (listener, until)

    def listener(self, phone: PhoneId, *, now: datetime) -> ListenerId | None:
        self._had = {mark: had for mark, had in self._had.items() if had[1] > now}
        had = self._had.get(self._mark(phone))
        return had[0] if had else None

    def _mark(self, phone: PhoneId) -> bytes:
        return hmac.digest(self._key, phone.encode(), "sha256")
