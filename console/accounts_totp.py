"""Codes of an authenticator app: six digits that change every half minute (RFC 6238)."""

from base64 import urlsafe_b64encode

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from models.tables import Account
from models.words import AccountId, Instant

# A clock may be half a minute behind or ahead.
DRIFT_STEPS = 1
ISSUER = "Wingline"


class Seal:
    """Keeps an app's secret from whoever reads a copy of the database without the site's own key."""

    def __init__(self, secret: str) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=b"wingline authenticator apps").derive(secret.encode())
        self._fernet = Fernet(urlsafe_b64encode(key))

    def close(self, app_secret: str) -> str:
        return self._fernet.encrypt(app_secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Nothing, for what was not closed with the same key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


def new_secret() -> str:
    """160 bits in base32, as apps take it."""
    return pyotp.random_base32()


def step_of(app_secret: str, code: str, now: Instant) -> int | None:
    """The half minute, counted from 1970, that this code is of; nothing when it is of none that counts now."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        return pyotp.TOTP(app_secret).verify_and_get_timecode(digits, for_time=now, valid_window=DRIFT_STEPS)
    except OTPVerificationError:
        return None


def use_step(session: Session, account: AccountId, step: int) -> bool:
    """Once: false when this code or a later one was used before. The database decides between two who are at it."""
    unused = or_(Account.totp_used.is_(None), Account.totp_used < step)
    done = session.execute(update(Account).where(Account.id == account, unused).values(totp_used=step))
    return isinstance(done, CursorResult) and done.rowcount == 1


def picture(app_secret: str, name: str) -> str:
    """What the app's camera reads: SVG, to stand in a page."""
    uri = pyotp.TOTP(app_secret, name=name, issuer=ISSUER).provisioning_uri()
    svg: str = segno.make(uri, error="m", micro=False).svg_inline(scale=4, border=4, light="#fff")
    return svg


def in_groups(app_secret: str) -> str:
    """To be typed: four characters at a time."""
    return " ".join(app_secret[start : start + 4] for start in range(0, len(app_secret), 4))
