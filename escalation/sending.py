"""The port through which messages leave, how long a try may take, and what an error of the network means."""

import asyncio
import ssl
from collections.abc import Awaitable, Iterator
from datetime import timedelta
from typing import Protocol

from escalation.contacts import Contact, Way
from escalation.messages import Fault, Message

# A mail server may let a stranger wait before it greets; a webhook's receiver is asked to be quick.
AT_MOST = {
    Way.EMAIL: timedelta(seconds=20),
    Way.WEBHOOK: timedelta(seconds=5),
    Way.APPRISE: timedelta(seconds=20),
}


class Sender(Protocol):
    """None is well. Sent means that the next server has taken it, never that somebody has read it."""

    async def send(self, message: Message) -> Fault | None: ...

    async def answers(self, contact: Contact) -> Fault | None:
        """Whether a message could leave now; nothing is sent."""


async def in_time(way: Way, attempt: Awaitable[Fault | None]) -> Fault | None:
    try:
        async with asyncio.timeout(AT_MOST[way].total_seconds()):
            return await attempt
    except TimeoutError:
        return Fault.TIMED_OUT


def fault_of(error: BaseException) -> Fault:
    """What a connection's error comes down to; libraries wrap the one that says it."""
    chain = list(_chain(error))
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return Fault.NOT_TRUSTED
    return Fault.TIMED_OUT if any(isinstance(one, TimeoutError) for one in chain) else Fault.NOT_REACHED


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
