"""The prison's own directory signs people in: OpenID Connect, authorisation code with PKCE.

It says who somebody is. What they may do here stands in their account, which was made before on the command line.
"""

import base64
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.accounts import SignedIn, signed_in
from console.language import _
from console.sessions import SIGNED
from console.signing_in_rules import Directory
from models.errors import AskersFault
from models.tables import Account
from models.words import AccountRole, Instant, SiteId

Claims = Mapping[str, Any]

# Signatures with a key of the directory's own. Not "none", and not those with our shared secret.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SECONDS = 10.0
# How long somebody may take at the directory's own page.
LASTS = timedelta(minutes=10)
# How far its clock may be from ours.
LEEWAY_SECONDS = 60
READ_AGAIN = timedelta(hours=1)
COOKIE = "wingline-directory"
ANSWER = "/sign-in/directory/answer"


class DirectoryFails(AskersFault):
    def __init__(self, why: str) -> None:
        super().__init__(_("the prison's directory did not sign you in: %(why)s", why=why))


@dataclass(frozen=True, slots=True)
class Asked:
    """What we remember of a question, in the browser, until its answer comes: each is one person's, once."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorise: str
    token: str
    keys: KeySet
    read_at: Instant


class Link:
    """To the directory of one site."""

    def __init__(self, directory: Directory, *, address: str, secret: str, trust: ssl.SSLContext | None = None) -> None:
        self.directory = directory
        self._redirect = address + ANSWER
        self._trust = trust or ssl.create_default_context()
        self._cookies = URLSafeTimedSerializer(secret, salt="console directory", signer_kwargs=SIGNED)
        self._known: _Endpoints | None = None

    async def ask(self, now: Instant) -> tuple[str, str]:
        """Where the browser goes, and the cookie that it takes along."""
        known = await self._endpoints(now)
        asked = Asked(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
        question = {
            "response_type": "code",
            "client_id": self.directory.client,
            "redirect_uri": self._redirect,
            "scope": "openid profile email",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joined = "&" if "?" in known.authorise else "?"
        cookie = str(self._cookies.dumps([asked.state, asked.nonce, asked.verifier]))
        return f"{known.authorise}{joined}{urlencode(question)}", cookie

    async def claims(self, cookie: str | None, state: str, code: str, now: Instant) -> Claims:
        """What the directory says of whoever came back with this code."""
        asked = self._asked(cookie)
        if asked is None or asked.state != state or not code:
            raise DirectoryFails(_("this answer is not to a question of this browser; begin again"))
        known = await self._endpoints(now)
        token = await self._id_token(known, asked, code)
        try:
            return self._checked(token, known.keys, asked, now)
        except (JoseError, ValueError):
            # It may sign with a key that is newer than our list.
            self._known = None
            fresh = await self._endpoints(now)
        try:
            return self._checked(token, fresh.keys, asked, now)
        except (JoseError, ValueError) as error:
            raise DirectoryFails(_("what it signed is not right; tell whoever looks after Wingline")) from error

    def _asked(self, cookie: str | None) -> Asked | None:
        try:
            return Asked(*self._cookies.loads(cookie or "", max_age=int(LASTS.total_seconds())))
        except (BadData, TypeError):
            return None

    def _checked(self, token: str, keys: KeySet, asked: Asked, now: Instant) -> Claims:
        """OpenID Connect Core 3.1.3.7."""
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.directory.issuer},
            aud={"essential": True, "value": self.directory.client},
            nonce={"essential": True, "value": asked.nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        rules.validate(claims)
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.directory.client:
            raise ValueError("the token is for several, and not for us among them")
        return claims

    async def _id_token(self, known: _Endpoints, asked: Asked, code: str) -> str:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": asked.verifier,
        }
        answer = await self._speak("POST", known.token, data=given, auth=(self.directory.client, self.directory.secret))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise DirectoryFails(_("it gave no ID token"))
        return token

    async def _endpoints(self, now: Instant) -> _Endpoints:
        if self._known is not None and now - self._known.read_at < READ_AGAIN:
            return self._known
        issuer = self.directory.issuer
        said = await self._speak("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise DirectoryFails(_("it calls itself by another name than the site file does"))
        try:
            keys = KeySet.import_key_set(cast("KeySetSerialization", await self._speak("GET", str(said["jwks_uri"]))))
            self._known = _Endpoints(str(said["authorization_endpoint"]), str(said["token_endpoint"]), keys, now)
        except (KeyError, ValueError, JoseError) as error:
            raise DirectoryFails(_("it does not say where to ask, or with which keys it signs")) from error
        return self._known

    async def _speak(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(verify=self._trust, timeout=SECONDS) as client:
                answer = await client.request(method, url, **given)
                answer.raise_for_status()
                said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DirectoryFails(_("it did not answer as it should; sign in another way")) from error
        if not isinstance(said, dict):
            raise DirectoryFails(_("it did not answer as it should; sign in another way"))
        return said


def account_in(session: Session, site: SiteId, directory: Directory, claims: Claims) -> SignedIn:
    """Whose account it is. Nobody gets one, or another role, because a directory says so."""
    who = claims.get(directory.who_claim)
    if not isinstance(who, str) or not who:
        raise DirectoryFails(_("it does not say %(claim)s of you", claim=directory.who_claim))
    if directory.who_claim == "email" and claims.get("email_verified") is not True:
        raise DirectoryFails(_("it has not checked your email address"))
    found = select(Account).where(Account.directory == directory.hash_of(who), Account.site_id == site)
    row = session.scalar(found)
    if row is None:
        raise DirectoryFails(_("you have no account here; ask whoever looks after Wingline for one"))
    account = signed_in(row)
    if not _has_role(directory, claims, account.role):
        raise DirectoryFails(_("it does not say of you what your account needs"))
    if not _had_second_factor(directory, claims):
        raise DirectoryFails(_("it does not say that you gave a second factor there"))
    return account


def _has_role(directory: Directory, claims: Claims, role: AccountRole) -> bool:
    if directory.role_claim is None:
        return True
    wanted = directory.roles.get(role)
    return wanted is not None and wanted in _said(claims, directory.role_claim)


def _had_second_factor(directory: Directory, claims: Claims) -> bool:
    """How somebody signed in there: methods (RFC 8176), or a class of them (OpenID Connect Core, 2)."""
    wanted = directory.second_factor
    return wanted is None or wanted in _said(claims, "amr") or wanted in _said(claims, "acr")


def _said(claims: Claims, name: str) -> list[object]:
    said = claims.get(name)
    return said if isinstance(said, list) else [said]
