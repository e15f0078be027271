"""What one person pressed, each key once, although Asterisk tells of most of them twice: as an event, as a reply."""

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class _Key:
    key: str
    answered: bool


class Keypad:
    """What one person pressed in one session, in its order; each key is given out once, however often it is told of."""

    def __init__(self) -> None:
        self._pressed: deque[_Key] = deque()
        # Answered before the event of it came, which is then no second key.
        self._owed_events: list[str] = []

    def __repr__(self) -> str:
        return "<Keypad>"

    def told(self, key: str) -> None:
        """An event says that it was pressed."""
        if key in self._owed_events:
            self._owed_events.remove(key)
        else:
            self._pressed.append(_Key(key, answered=False))

    def answered(self, key: str) -> None:
        """A command ended with it."""
        for pressed in self._pressed:
            if pressed.key == key and not pressed.answered:
                pressed.answered = True
                return
        self._pressed.append(_Key(key, answered=True))
        self._owed_events.append(key)

    @property
    def unanswered(self) -> bool:
        return any(not pressed.answered for pressed in self._pressed)

    def next(self) -> str:
        """The first not yet given out, or nothing. To be asked when no command runs that could still answer with it."""
        return self._pressed.popleft().key if self._pressed else ""

    def forget(self, but: str = "") -> None:
        """Before a question is asked: no key that was pressed earlier is an answer to it, except one of ``but``."""
        self._pressed = deque(pressed for pressed in self._pressed if pressed.key in but)
