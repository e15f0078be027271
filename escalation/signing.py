"""How a profile comes into force: proposed, checked, signed by two people, its notice made and checked, and a time.

A signature is over the hash of what is signed, so that nothing can be changed beneath it. Versions are kept; an
escalation keeps the one that it was raised under by itself (escalation/store.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from models.phrases import Phrase, listed, phrase
from models.words import Instant


class For(StrEnum):
    """On whose behalf somebody signs: one account each, and never the same one for both (domain.md 5.3, O5)."""

    PRISON = "the prison"
    SCHEME = "the scheme"


BEHALF: Mapping[For, Phrase] = {For.PRISON: phrase("the prison"), For.SCHEME: phrase("the scheme")}
_NO_PROPOSAL = phrase("it is no proposal any more; propose it again")


@dataclass(frozen=True, slots=True)
class Signature:
    """``hash`` is of what the person had read."""

    by: str
    at: Instant
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a site's profile; ``hash`` is of its content as it is kept now."""

    number: int
    name: str
    hash: str
    proposed_by: str
    proposed_at: Instant
    prison: Signature | None = None
    scheme: Signature | None = None
    in_force_from: Instant | None = None
    withdrawn_at: Instant | None = None

    def signature(self, behalf: For) -> Signature | None:
        """None also when it was given for something else than what is kept now."""
        signature = self.prison if behalf is For.PRISON else self.scheme
        return signature if signature is not None and signature.hash == self.hash else None

    @property
    def is_signed(self) -> bool:
        prison, scheme = self.signature(For.PRISON), self.signature(For.SCHEME)
        return prison is not None and scheme is not None and prison.by != scheme.by


class State(StrEnum):
    PROPOSED = "proposed"
    SIGNED_BY_ONE = "signed by one"
    SIGNED = "signed"
    PLANNED = "planned"
    IN_FORCE = "in force"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    # Somebody changed its row after it was signed; it counts for nothing.
    NOT_WHAT_WAS_SIGNED = "not what was signed"


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the profile's JSON with sorted keys: another program can make the same (docs/profiles/README.md)."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def in_force(versions: Iterable[Version], now: Instant) -> Version | None:
    """The one that came into force last; of two at the same moment, the newer."""
    begun = [one for one in coming_into_force(versions) if one.in_force_from and one.in_force_from <= now]
    return begun[-1] if begun else None


def coming_into_force(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Those that count, in the order in which they come into force, or have."""
    counting = (one for one in versions if one.in_force_from and one.is_signed and not one.withdrawn_at)
    return tuple(sorted(counting, key=lambda one: (one.in_force_from, one.number)))


def state_of(version: Version, versions: Iterable[Version], now: Instant) -> State:
    if version.withdrawn_at:
        return State.WITHDRAWN
    if version.in_force_from:
        if not version.is_signed:
            return State.NOT_WHAT_WAS_SIGNED
        if version.in_force_from > now:
            return State.PLANNED
        current = in_force(versions, now)
        return State.IN_FORCE if current and current.number == version.number else State.REPLACED
    if version.is_signed:
        return State.SIGNED
    return State.SIGNED_BY_ONE if any(version.signature(behalf) for behalf in For) else State.PROPOSED


def is_open(version: Version) -> bool:
    """It is proposed, and nobody has said from when it counts."""
    return version.in_force_from is None and version.withdrawn_at is None


def why_not_sign(version: Version, behalf: For, signature: Signature) -> Phrase | None:
    other = version.signature(For.SCHEME if behalf is For.PRISON else For.PRISON)
    if not is_open(version):
        return _NO_PROPOSAL
    if signature.hash != version.hash:
        return phrase("it has changed since you read it; read it again")
    if version.signature(behalf):
        return phrase("it is signed for %(behalf)s already", behalf=BEHALF[behalf])
    if other and other.by == signature.by:
        return phrase(
            "this account has signed it for %(behalf)s; the second signature is another person's",
            behalf=BEHALF[_other(behalf)],
        )
    return None


def why_not_in_force(version: Version, versions: Iterable[Version], since: Instant, now: Instant) -> Iterator[Phrase]:
    if not is_open(version):
        yield _NO_PROPOSAL
    elif not version.is_signed:
        lacking = [BEHALF[behalf] for behalf in For if version.signature(behalf) is None]
        yield (
            phrase("it is not signed for %(behalf)s", behalf=listed(lacking))
            if lacking
            else phrase("both signatures are the same account's")
        )
    if since < now:
        yield phrase("that time is over; choose one that is to come")
    planned = next((one for one in coming_into_force(versions) if one.in_force_from and one.in_force_from > now), None)
    if planned:
        yield phrase("version %(number)s is planned already; withdraw that one first", number=str(planned.number))


def why_not_withdraw(version: Version, now: Instant) -> Phrase | None:
    if version.withdrawn_at:
        return phrase("it has been withdrawn")
    if version.in_force_from and version.in_force_from <= now:
        return phrase("it has come into force; propose another one instead")
    return None


def _other(behalf: For) -> For:
    return For.SCHEME if behalf is For.PRISON else For.PRISON
