"""No key is lost between two commands: Asterisk throws away what is pressed there, and tells of it all the same.

While no AGI command runs, Asterisk reads the channel and drops what it reads (res_agi.c, run_agi): between two files of
a sentence, and between two waits for a key. It tells of each key in an event first.
"""

from collections.abc import Awaitable, Callable

from ivr.agi import Session
from ivr.ami import Ami
from ivr.packs import Event

Answer = Callable[[Session], Awaitable[None]]


class Keypads:
    """Brings the events of keys to the sessions that have the channels."""

    def __init__(self, ami: Ami) -> None:
        # By the unique id of the channel, which is not always the id by which its leg is known (ivr.asterisk_legs).
        self._sessions: dict[str, Session] = {}
        ami.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.name == "DTMFEnd" and event.get("Direction") == "Received":
            session = self._sessions.get(event.get("Uniqueid"))
            if session:
                session.key_told(event["Digit"])

    def followed(self, answer: Answer) -> Answer:
        async def follow(session: Session) -> None:
            channel = session.environment.get("agi_uniqueid", "")
            self._sessions[channel] = session
            try:
                await answer(session)
            finally:
                if self._sessions.get(channel) is session:
                    del self._sessions[channel]

        return follow
