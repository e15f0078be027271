"""What an installation says of signing in: its settings, and the part ``[oidc]`` of its site file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from models.words import AccountRole


def subject_hash(issuer: str, claim: str, who: str) -> str:
    return sha256(f"{issuer}\n{claim}\n{who}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The prison's own directory; ``roles`` are what ``role_claim`` must hold for an account of a role.

    ``second_factor`` is what ``amr`` or ``acr`` must hold; without it how strongly it asks is its own rule.
    """

    issuer: str
    client: str
    secret: str = field(repr=False)
    who_claim: str = "sub"
    role_claim: str | None = None
    roles: Mapping[AccountRole, str] = field(default_factory=dict)
    second_factor: str | None = None

    def hash_of(self, who: str) -> str:
        """What an account keeps of who somebody is there."""
        return subject_hash(self.issuer, self.who_claim, who)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """Without a second factor, which is for a demonstration, an account may do with its password alone."""

    second_factor: bool = True
    # As people's browsers reach the console, such as https://wingline.prison.example: passkeys are bound to it.
    address: str | None = None
    directory: Directory | None = None
    idle: timedelta = timedelta(minutes=30)
    at_most: timedelta = timedelta(hours=12)

    def idle_of(self, role: AccountRole) -> timedelta:
        """A screen of duty staff stands on a wall for a whole shift, and nobody touches it until it sounds."""
        return self.at_most if role is AccountRole.STAFF else self.idle
