"""A call in whose session Asterisk no longer answers goes on without us, before its caller has waited long.

A command that sets a variable is answered within milliseconds. Where its answer does not come, the way between Asterisk
and this session is late or dead; what pushes the deadline ahead (decision 0004) may then be on it, and arrive when the
caller has long been hearing nothing. Asterisk is told by its other way, AMI, to do now what it does at the deadline.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from ivr.agi import Answer, Session
from ivr.ami import Ami
from ivr.packs import Event
from models.errors import ActionRefused, NotConnected

log = structlog.get_logger()

# A machine that is busy for a second is no reason to give up a call; the deadline itself is one second more.
UNANSWERED_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.25
# An Asterisk that takes longer to say what channels there are is late as a whole: it may answer both in a moment.
AT_ONCE_SECONDS = 0.5


class Unanswered:
    """Watches the sessions while they are under way."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami

    def watched(self, answer: Answer) -> Answer:
        async def watch(session: Session) -> None:
            watching = asyncio.create_task(self._watch(session))
            try:
                await answer(session)
            finally:
                watching.cancel()

        return watch

    async def _watch(self, session: Session) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            since = session.owed_since
            if since is None or clock() < since + UNANSWERED_SECONDS:
                continue
            asked = clock()
            with suppress(NotConnected):
                rows = await self._ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
                # Where it was we who were late, the answer is there when this one is.
                if session.owed_since == since and clock() < asked + AT_ONCE_SECONDS:
                    await self._go_on_without_us(session, rows)
                    return

    async def _go_on_without_us(self, session: Session, rows: Sequence[Event]) -> None:
        """Only while the channel is in this session: after its deadline somebody may speak to the caller already."""
        log.warning("agi.unanswered", script=session.script.path)
        channel, context = session.environment["agi_channel"], session.environment.get("agi_context", "")
        if session.may_have_a_deadline and any(row.get("Channel") == channel and session.is_at(row) for row in rows):
            with suppress(ActionRefused):  # it has hung up this moment
                await self._ami.act("Redirect", Channel=channel, Context=context, Exten="T", Priority="1")
        session.let_go()
