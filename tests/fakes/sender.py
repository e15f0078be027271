"""A sender that remembers what it was given, and fails as it is told."""

import asyncio
from dataclasses import dataclass, field

from escalation.contacts import Contact
from escalation.messages import Fault, Message


class Broken(Exception):
    """Something that nobody thought of."""


@dataclass
class FakeSender:
    """``fault`` is the answer to every message until it is changed; a contact in ``hanging`` gets none."""

    fault: Fault | None = None
    broken: bool = False
    hanging: set[str] = field(default_factory=set)
    given: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> Fault | None:
        self.given.append(message)
        if message.contact.name in self.hanging:
            await asyncio.Event().wait()
        if self.broken:
            raise Broken
        return self.fault

    async def answers(self, contact: Contact) -> Fault | None:
        del contact
        return self.fault

    def takes_given(self) -> list[Message]:
        """What was given since last asked."""
        given, self.given = self.given, []
        return given
