"""The audit's heads: each day a signed note of where the chain ends, for people outside who keep it. Pure.

Whoever can write the database can cut off the chain's end or make all of it anew; not what the monitoring board has.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.audit import KEPT, Chain, Link

TITLE = "Wingline audit head"
# Mail puts signs before a line and changes its end; what was signed is made again from the fields.
_FIELD = re.compile(
    r"^[>\s]*(Site|Day|Last entry|Hash|Entries kept|Signed at|Key|Signature):[ \t]*(\S.*?)\s*$", re.MULTILINE
)

Keys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the chain ended after a day of the site's own zone; ``key`` is a fingerprint."""

    site: str
    day: date
    last: Link
    kept: int
    signed_at: datetime
    key: str
    signature: str = ""

    @property
    def signed_text(self) -> str:
        fields = {
            "Site": self.site,
            "Day": self.day.isoformat(),
            "Last entry": self.last.number,
            "Hash": self.last.hash,
            "Entries kept": self.kept,
            "Signed at": self.signed_at.astimezone(UTC).isoformat(timespec="seconds"),
            "Key": self.key,
        }
        return "".join(f"{line}\n" for line in (TITLE, *(f"{name}: {value}" for name, value in fields.items())))

    @property
    def text(self) -> str:
        return f"{self.signed_text}Signature: {self.signature}\n"


def fingerprint(key: Ed25519PublicKey) -> str:
    """128 bits in groups, to be compared by eye."""
    digits = sha256(key.public_bytes_raw()).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def by_fingerprint(keys: Iterable[Ed25519PublicKey]) -> Keys:
    return {fingerprint(key): key for key in keys}


def sign(head: Head, key: Ed25519PrivateKey) -> Head:
    named = replace(head, key=fingerprint(key.public_key()))
    return replace(named, signature=base64.b64encode(key.sign(named.signed_text.encode())).decode())


def read_head(text: str) -> Head | None:
    """None when it is no head; whether the signature is right is another question."""
    found = dict(_FIELD.findall(text))
    try:
        return Head(
            site=found["Site"],
            day=date.fromisoformat(found["Day"]),
            last=Link(int(found["Last entry"]), found["Hash"]),
            kept=int(found["Entries kept"]),
            signed_at=datetime.fromisoformat(found["Signed at"]),
            key=found["Key"],
            signature=found["Signature"],
        )
    except (KeyError, ValueError):
        return None


def signature_is_right(head: Head, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(base64.b64decode(head.signature), head.signed_text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


class HeadWrong(StrEnum):
    UNREADABLE = "unreadable"
    OTHER_SITE = "other site"
    UNKNOWN_KEY = "unknown key"
    BAD_SIGNATURE = "bad signature"
    CUT_OFF = "cut off"
    DIFFERENT = "different"
    FORGOTTEN_EARLY = "forgotten early"
    NO_HEAD = "no head"


@dataclass(frozen=True, slots=True)
class HeadFinding:
    """What a head says against the chain, or against itself; ``first`` to ``last`` are entries."""

    wrong: HeadWrong
    head: str
    first: int | None = None
    last: int | None = None

    @property
    def sentence(self) -> str:
        which = f"entry {self.first}" if self.first == self.last else f"entries {self.first} to {self.last}"
        match self.wrong:
            case HeadWrong.UNREADABLE:
                return f"{self.head} is not a head, or part of it is gone"
            case HeadWrong.OTHER_SITE:
                return f"{self.head} is of another site"
            case HeadWrong.UNKNOWN_KEY:
                return f"{self.head} is signed with a key that is not known here; give the right one with --key"
            case HeadWrong.BAD_SIGNATURE:
                return f"{self.head} was changed after it was signed, or signed by somebody else"
            case HeadWrong.CUT_OFF:
                return f"{self.head}: {which} had been written by then and the end was cut off"
            case HeadWrong.DIFFERENT:
                return f"{self.head}: among {which} something was changed, and the chain was made anew after it"
            case HeadWrong.FORGOTTEN_EARLY:
                return f"{self.head}: {which} went before they were two years old"
            case HeadWrong.NO_HEAD:
                return f"there is no head of {self.head}"


def wrong_heads(
    heads: Mapping[str, Head | None], chain: Chain, *, site: str, keys: Keys, today: date
) -> list[HeadFinding]:
    """``heads`` by the name of their file; None is no head. Only what is signed rightly speaks of the chain."""
    findings: list[HeadFinding] = []
    signed: list[tuple[str, Head]] = []
    for name, head in heads.items():
        wrong = _in_itself(head, site, keys)
        if wrong is not None:
            findings.append(HeadFinding(wrong, name))
        elif head is not None:
            signed.append((name, head))
    signed.sort(key=lambda one: one[1].last.number)
    return [*findings, *_against_the_chain(signed, chain, today)]


def days_without(heads: Iterable[Head | None], chain: Chain, *, today: date) -> list[HeadFinding]:
    """For the folder that the line writes itself: every day from the first head on has one. A new chain has a day."""
    days = {head.day for head in heads if head is not None}
    # The line has had all of yesterday for the day before.
    newest = today - timedelta(days=2)
    started = [entry.deed.at.date() for entry in chain.entries[:1]]
    first = min(days, default=newest if started and started[0] <= newest else today)
    wanted = (first + timedelta(days=n) for n in range((newest - first).days + 1))
    return [HeadFinding(HeadWrong.NO_HEAD, day.isoformat()) for day in wanted if day not in days]


def _in_itself(head: Head | None, site: str, keys: Keys) -> HeadWrong | None:
    if head is None:
        return HeadWrong.UNREADABLE
    if head.key not in keys:
        return HeadWrong.UNKNOWN_KEY
    if not signature_is_right(head, keys[head.key]):
        return HeadWrong.BAD_SIGNATURE
    return None if head.site == site else HeadWrong.OTHER_SITE


def _against_the_chain(signed: Iterable[tuple[str, Head]], chain: Chain, today: date) -> Iterable[HeadFinding]:
    stands = {link.number: link.hash for link in (chain.start, *(entry.link for entry in chain.entries))}
    end = max(stands)
    fits = chain.start.number
    for name, head in signed:
        number = head.last.number
        if number > end:
            yield HeadFinding(HeadWrong.CUT_OFF, name, end + 1, number)
        elif number < chain.start.number:
            # What came after this head was written on a later day, and so is younger than the head's day.
            if today - head.day < KEPT:
                yield HeadFinding(HeadWrong.FORGOTTEN_EARLY, name, number + 1, chain.start.number)
        elif number in stands and stands[number] != head.last.hash:
            # An entry that is missing is named by the check of the chain itself.
            yield HeadFinding(HeadWrong.DIFFERENT, name, min(fits + 1, number), number)
        elif number in stands:
            fits = number
