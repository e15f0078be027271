"""What one person pressed, each key once, although Asterisk tells of most of them twice: as an event, as a reply."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.clock import steady

# A key that is too short, or that the phone tells of only when it is over, reaches what listens up to 0.1 s after its
# event; AST_DEFAULT_EMULATE_DTMF_DURATION (channel.c).
LATE = timedelta(seconds=1)


@dataclass(slots=True)
class _Key:
    key: str
    told_at: datetime
    answered: bool


class Keypad:
    """Of one session, in the order of the pressing."""

    def __init__(self, clock: Callable[[], datetime] = steady) -> None:
        self._clock = clock
        self._pressed: deque[_Key] = deque()
        # Answered before the event of it came, which is then no second key.
        self._owed_events: list[str] = []
        # Given out or forgotten before a command answered with it, which is then no second key.
        self._owed_answers: list[_Key] = []

    def __repr__(self) -> str:
        return "<Keypad>"

    def told(self, key: str) -> None:
        """An event says that it was pressed."""
        if not self.told_too_late(key):
            self._pressed.append(_Key(key, self._clock(), answered=False))

    def told_too_late(self, key: str) -> bool:
        """Whether this is the event of a key that counted already; it is owed no more then."""
        owed = key in self._owed_events
        if owed:
            self._owed_events.remove(key)
        return owed

    def answered(self, key: str) -> None:
        """A command ended with it."""
        late = [owed for owed in self._owed_answers if owed.key == key and owed.told_at > self._clock() - LATE]
        waiting = [pressed for pressed in self._pressed if pressed.key == key and not pressed.answered]
        if late:
            self._owed_answers.remove(late[0])
        elif waiting:
            waiting[0].answered = True
        else:
            self._pressed.append(_Key(key, self._clock(), answered=True))
            self._owed_events.append(key)

    @property
    def unanswered(self) -> bool:
        return any(not pressed.answered for pressed in self._pressed)

    def next(self) -> str:
        """The first not yet given out, or nothing. To be asked when no command runs that could still answer with it."""
        if not self._pressed:
            return ""
        first = self._pressed.popleft()
        self._owe([first])
        return first.key

    def forget(self, but: str = "") -> None:
        """Before a question is asked: no key that was pressed earlier is an answer to it, except one of ``but``."""
        self._owe(pressed for pressed in self._pressed if pressed.key not in but)
        self._pressed = deque(pressed for pressed in self._pressed if pressed.key in but)

    def _owe(self, gone: Iterable[_Key]) -> None:
        kept = [owed for owed in self._owed_answers if owed.told_at > self._clock() - LATE]
        self._owed_answers = kept + [pressed for pressed in gone if not pressed.answered]
