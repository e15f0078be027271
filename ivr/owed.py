"""Whom the caller was told of is told, also when this process dies before the database has taken it.

And who has agreed, and can still say no, is asked again by the next process: what is written of that is the call alone.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from escalation.engine import Engine
from escalation.profile import Profile
from escalation.store import Raise
from models.clock import now
from models.dangers import Danger
from models.errors import WinglineError
from models.words import CallId, Cause, Fact, PhoneId, SiteId

log = structlog.get_logger()

AGAIN_SECONDS = 2.0
# A disk that hangs keeps nobody waiting.
_WRITTEN_WITHIN_SECONDS = 1.0


class Owed:
    """A file for each, from the words until it is a row; with the phone, if the rule tells where the caller is."""

    def __init__(self, folder: Path | None = None) -> None:
        """Without a folder nothing is written, as for the line's calls to itself."""
        self._folder = folder
        self._paid: set[Path] = set()

    async def is_owed(self, raising: Raise) -> None:
        """A disk that takes nothing stops nobody: then the database alone is left, as before."""
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._write, raising), _WRITTEN_WITHIN_SECONDS)

    async def is_paid(self, raising: Raise) -> None:
        with suppress(OSError):
            await asyncio.to_thread(self._remove, raising)

    async def note_agreement(self, call: CallId, *, stands: bool) -> None:
        """Nothing of where they are: until they have had their say, that is nobody's. No disk stops anybody."""
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(
                asyncio.to_thread(self._note_agreement, call, stands=stands), _WRITTEN_WITHIN_SECONDS
            )

    async def agreement_stands(self, call: CallId) -> bool:
        """Whether a process that died left this caller in the moment in which they could say no."""
        file = self._agreement(call)
        if file is None:
            return False
        with suppress(OSError, TimeoutError):
            return await asyncio.wait_for(asyncio.to_thread(file.exists), _WRITTEN_WITHIN_SECONDS)
        return False

    def left(self, site: SiteId, profile: Profile) -> Iterator[Raise]:
        """What a process that died left behind. What cannot be read, or is told nobody any more, stays and is named."""
        for file in sorted(self._folder.glob("*.json")) if self._folder else ():
            try:
                yield _read(file, site, profile)
            except (OSError, ValueError, LookupError, TypeError):
                log.error("owed.cannot_be_raised", file=file.name)  # noqa: TRY400  nothing of what stands in it

    def _write(self, raising: Raise) -> None:
        file = self._file(raising)
        if file is None:
            return
        told_where = Fact.LOCATION in raising.protocol.tells
        known = {
            "call": raising.call,
            "cause": raising.cause,
            "danger": raising.danger,
            "phone": raising.phone if told_where else None,
        }
        self._keep(file, json.dumps(known))

    def _remove(self, raising: Raise) -> None:
        file = self._file(raising)
        if file:
            self._drop(file)

    def _note_agreement(self, call: CallId, *, stands: bool) -> None:
        file = self._agreement(call)
        if file and stands:
            self._keep(file, "")
        elif file:
            self._drop(file)

    def _keep(self, file: Path, content: str) -> None:
        self._paid.discard(file)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = file.with_suffix(".new")
        with open(fresh, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        fresh.replace(file)
        if file in self._paid:  # a disk that hung: nobody waited for it
            file.unlink(missing_ok=True)

    def _drop(self, file: Path) -> None:
        self._paid.add(file)
        file.unlink(missing_ok=True)

    def _agreement(self, call: CallId) -> Path | None:
        return self._folder / f"{call}.agreed" if self._folder else None

    def _file(self, raising: Raise) -> Path | None:
        return self._folder / f"{raising.call}.{raising.cause}.json" if self._folder and raising.call else None


def _read(file: Path, site: SiteId, profile: Profile) -> Raise:
    known = json.loads(file.read_text())
    raising = Raise(
        site=site,
        profile=profile,
        call=CallId(known["call"]),
        cause=Cause(known["cause"]),
        danger=Danger(known["danger"]) if known["danger"] else None,
        phone=PhoneId(known["phone"]) if known["phone"] else None,
    )
    # KeyError when nobody is told of it any more.
    profile.protocol_for(raising.cause)
    return raising


async def settle(owed: Owed, engine: Engine, site: SiteId, profile: Profile) -> None:
    """At the start, until nothing is left: what was raised after all is joined, and not raised twice."""
    while left := await asyncio.to_thread(lambda: list(owed.left(site, profile))):
        for raising in left:
            try:
                await engine.raise_escalation(raising, now())
            except (SQLAlchemyError, WinglineError) as fault:
                log.warning("owed.not_yet", call=raising.call, error=type(fault).__name__)
            else:
                await owed.is_paid(raising)
                log.info("owed.paid", call=raising.call, cause=raising.cause)
        await asyncio.sleep(AGAIN_SECONDS)
