"""How phones reach the line, as the site file says it: ``[phones]`` (docs/phones.md)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, IPvAnyNetwork

REQUIRED = "required"


class PhonesPart(BaseModel):
    """``secure``: which places and posts have a phone with TLS and SRTP, or that nothing else is let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secure: Literal["required"] | list[str] = []
    # Where phones and trunk are; empty: SIP from anywhere is answered.
    networks: list[IPvAnyNetwork] = []
    # Off only where phones do not bear to be asked in a call whether they are still in it (docs/phones.md).
    asked_in_calls: bool = True
    # A certificate of the site's own, with its chain; without one the line is its own authority.
    certificate: Path | None = None
    key: Path | None = None
    # Of a proxy before several exchanges: whose certificate it has to show (deploy/cluster).
    authority: Path | None = None

    @property
    def all_secure(self) -> bool:
        return self.secure == REQUIRED

    def is_secure(self, place: str | None) -> bool:
        """``place``: a cell's location or a post."""
        return self.all_secure or place in self.secure


def phones_complaints(part: PhonesPart, places: Sequence[str]) -> Iterator[str]:
    if not part.all_secure:
        yield from (f"phones.secure: there is no cell or post {one}" for one in part.secure if one not in places)
    if (part.certificate is None) != (part.key is None):
        yield "phones: certificate and key go together"
    for file in (part.certificate, part.key, part.authority):
        if file is not None and not file.is_file():
            yield f"phones: there is no file {file}"
