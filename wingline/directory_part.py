"""The prison's own directory, as the site file says it: ``[oidc]`` (docs/accounts.md)."""

from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from console.signing_in_rules import Directory, subject_hash
from models.words import AccountRole
from wingline.contacts_part import SecretName, secret_called, secret_complaints
from wingline.settings import LOOPBACK


class DirectoryPart(BaseModel):
    """``roles`` say what ``role_claim`` must hold; accounts and their roles are made here all the same.

    ``second_factor``: what the directory must say, in ``amr`` or ``acr``, of how somebody signed in there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client: Annotated[str, Field(min_length=1, max_length=200)]
    secret: SecretName
    who_claim: Annotated[str, Field(pattern="^[A-Za-z0-9_:./-]{1,60}$")] = "sub"
    role_claim: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    roles: dict[AccountRole, str] = {}
    second_factor: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    def hash_of(self, who: str) -> str:
        """What an account keeps of who somebody is there."""
        return subject_hash(self.issuer, self.who_claim, who)

    def directory(self, known: Mapping[str, str]) -> Directory | None:
        """Nothing while its secret is not there: everybody signs in another way."""
        secret = secret_called(self.secret, known)
        if not secret:
            return None
        return Directory(
            issuer=self.issuer,
            client=self.client,
            secret=secret,
            who_claim=self.who_claim,
            role_claim=self.role_claim,
            roles=self.roles,
            second_factor=self.second_factor,
        )


def directory_complaints(part: DirectoryPart | None) -> Iterator[str]:
    if part is None:
        return
    issuer = urlsplit(part.issuer)
    here = issuer.scheme == "http" and issuer.hostname in LOOPBACK
    if not issuer.hostname or not (issuer.scheme == "https" or here):
        yield "oidc.issuer: this is https://…, as the directory itself writes it"
    if bool(part.role_claim) != bool(part.roles):
        yield "oidc: role_claim and [oidc.roles] go together"
    yield from (f"oidc.{complaint}" for complaint in secret_complaints(part.secret))
