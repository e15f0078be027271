"""No key is lost between two commands: Asterisk throws away what is pressed there, and tells of it all the same.

While no AGI command runs, Asterisk reads the channel and drops what it reads (res_agi.c, run_agi): between two files of
a sentence, and between two waits for a key. It tells of each key in an event first.
"""

from ivr.agi import Answer, Session
from ivr.ami import Ami
from ivr.keypad import Keypad
from ivr.packs import Event

MOST_CHANNELS = 1000


class Keypads:
    """Brings the events of keys to the sessions that have the channels."""

    def __init__(self, ami: Ami) -> None:
        # By the unique id of the channel, which is not always the id by which its leg is known (ivr.asterisk_legs).
        self._sessions: dict[str, Session] = {}
        # Also between two sessions of a channel: the event of a key that ended the first may come in the second.
        self._keypads: dict[str, Keypad] = {}
        ami.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.name == "Hangup":
            self._keypads.pop(event.get("Uniqueid"), None)
        if event.name == "DTMFEnd" and event.get("Direction") == "Received":
            self._pressed(event)

    def _pressed(self, event: Event) -> None:
        channel, key = event.get("Uniqueid"), event["Digit"]
        session = self._sessions.get(channel)
        if session and session.is_at(event):  # no key of the step before, which may have led here
            session.key_told(key)
        elif channel in self._keypads:
            self._keypads[channel].told_too_late(key)

    def followed(self, answer: Answer) -> Answer:
        async def follow(session: Session) -> None:
            channel = session.environment.get("agi_uniqueid", "")
            self._sessions[channel] = session
            session.keypad = self._keypads.setdefault(channel, session.keypad)
            session.keypad.forget()
            try:
                await answer(session)
            finally:
                if self._sessions.get(channel) is session:
                    del self._sessions[channel]
                # A hang-up may not have been told of, while the link was down.
                while len(self._keypads) > MOST_CHANNELS:
                    del self._keypads[next(iter(self._keypads))]

        return follow
