"""Passkeys: a browser signs a challenge of ours with a key that never leaves it (WebAuthn level 2).

One passkey is two factors: the device that holds it, and the finger or PIN that it asks for.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from console.accounts import SignedIn, signed_in
from console.language import _
from models.clock import new_id
from models.errors import AskersFault
from models.tables import Account, Passkey
from models.words import AccountId, Instant, SiteId

LASTS = timedelta(minutes=5)
RP_NAME = "Wingline"
_RANDOM, _TIME, _PROOF = 16, 8, 16
# What a column holds; keys of people's own devices have far shorter names.
_LONGEST_CREDENTIAL = 200


class NotAccepted(AskersFault):
    def __init__(self) -> None:
        super().__init__(_("the passkey was not accepted; try again, or sign in another way"))


class Challenges:
    """Random, of one browser, for a few minutes, once; proven by a key, so that any node may check them."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(f"passkey challenges {secret}".encode()).digest()
        self._used: dict[bytes, Instant] = {}

    def make(self, mark: str, now: Instant) -> bytes:
        said = token_bytes(_RANDOM) + int(now.timestamp()).to_bytes(_TIME)
        return said + self._proof(mark, said)

    def take(self, mark: str, challenge: bytes, now: Instant) -> bool:
        """Whether it is ours, of this browser, and not used here before."""
        said, proof = challenge[: _RANDOM + _TIME], challenge[_RANDOM + _TIME :]
        if not hmac.compare_digest(proof, self._proof(mark, said)):
            return False
        age = now.timestamp() - int.from_bytes(said[_RANDOM:])
        self._used = {one: at for one, at in self._used.items() if now - at < LASTS}
        if age > LASTS.total_seconds() or challenge in self._used:
            return False
        self._used[challenge] = now
        return True

    def _proof(self, mark: str, said: bytes) -> bytes:
        return hmac.digest(self._key, mark.encode() + b"\n" + said, "sha256")[:_PROOF]


@dataclass(frozen=True, slots=True)
class Relying:
    """Who a passkey is for: one address, as browsers see it."""

    address: str

    @property
    def id(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that proved itself, before it is kept."""

    credential: str
    public_key: str
    sign_count: int


def options_to_make(rp: Relying, who: SignedIn, known: tuple[str, ...], challenge: bytes) -> str:
    """JSON for ``navigator.credentials.create``; ``known`` are those that the account has."""
    options = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=RP_NAME,
        user_id=who.account.encode(),
        user_name=who.name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


def options_to_sign_in(rp: Relying, challenge: bytes) -> str:
    """JSON for ``navigator.credentials.get``; it names no account, so that it says of none that it exists."""
    options = webauthn.generate_authentication_options(
        rp_id=rp.id, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def challenge_in(answer: dict[str, Any]) -> bytes:
    """What the browser says it signed. Raises NotAccepted for what is no answer of a browser."""
    try:
        return parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"])).challenge
    except (KeyError, TypeError, ValueError, WebAuthnException) as error:
        raise NotAccepted from error


@dataclass(frozen=True, slots=True)
class Signed:
    """A browser's answer to a challenge that was ours."""

    answer: dict[str, Any]
    challenge: bytes


def made(rp: Relying, signed: Signed) -> NewKey:
    try:
        done = webauthn.verify_registration_response(
            credential=signed.answer,
            expected_challenge=signed.challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            require_user_verification=True,
        )
    except (KeyError, TypeError, ValueError, WebAuthnException) as error:
        raise NotAccepted from error
    credential = bytes_to_base64url(done.credential_id)
    if len(credential) > _LONGEST_CREDENTIAL:
        raise NotAccepted
    return NewKey(credential, bytes_to_base64url(done.credential_public_key), done.sign_count)


def add(session: Session, account: AccountId, key: NewKey, now: Instant) -> None:
    if session.scalar(select(Passkey.id).where(Passkey.credential == key.credential)):
        raise NotAccepted
    session.add(
        Passkey(
            id=new_id("passkey"),
            account_id=account,
            credential=key.credential,
            public_key=key.public_key,
            sign_count=key.sign_count,
            made_at=now,
        )
    )
    session.flush()


def signer(session: Session, site: SiteId, rp: Relying, signed: Signed, now: Instant) -> SignedIn:
    """Whose passkey signed it. The row is locked: of two copies of a key, one is behind in its count."""
    asked = select(Passkey).where(Passkey.credential == str(signed.answer.get("id"))).with_for_update()
    row = session.scalar(asked)
    account = session.get(Account, row.account_id) if row else None
    if row is None or account is None or account.site_id != site:
        raise NotAccepted
    try:
        done = webauthn.verify_authentication_response(
            credential=signed.answer,
            expected_challenge=signed.challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (KeyError, TypeError, ValueError, WebAuthnException) as error:
        raise NotAccepted from error
    row.sign_count, row.used_at = done.new_sign_count, now
    return signed_in(account)


def passkeys_of(session: Session, account: AccountId) -> tuple[Passkey, ...]:
    return tuple(session.scalars(select(Passkey).where(Passkey.account_id == account).order_by(Passkey.made_at)))
