"""When a danger that was recognised becomes a flag: steady, and the same danger not again for a while."""

from collections.abc import Collection

from models.dangers import DANGER_NOW, Danger
from speech.judge import Found

# Twice the same in partial results 100 ms apart: a word that the recogniser takes back at once raises nothing.
STEADY = 2
# A danger that is talked about for long is one danger; one that is happening now is told again.
AGAIN_AFTER_SECONDS, NOW_AGAIN_AFTER_SECONDS = 300.0, 60.0


class Lookout:
    """What was already seen and raised in one call; holds kinds, no words. Both passes share it."""

    def __init__(self) -> None:
        self._seen: dict[Danger, int] = {}
        self._raised: dict[Danger, float] = {}

    def new_in(self, found: Collection[Found], second: float, *, settled: bool) -> tuple[Found, ...]:
        """One for each danger, not one for each rule that sees it."""
        each = {one.danger: one for one in reversed(tuple(found))}
        if not settled:
            self._seen = {danger: self._seen.get(danger, 0) + 1 for danger in each}
        new = tuple(one for one in each.values() if self._is_new(one.danger, second, settled=settled))
        self._raised.update({one.danger: second for one in new})
        return new

    def _is_new(self, danger: Danger, second: float, *, settled: bool) -> bool:
        if not settled and self._seen[danger] < STEADY:
            return False
        again_after = NOW_AGAIN_AFTER_SECONDS if danger in DANGER_NOW else AGAIN_AFTER_SECONDS
        return danger not in self._raised or second - self._raised[danger] >= again_after
