"""When a danger that was recognised becomes a flag: steady, and not again for a minute."""

from speech.risk import Hit, dangers_in

# Twice the same in partial results 100 ms apart: a word that the recogniser takes back at once raises nothing.
STEADY = 2
AGAIN_AFTER_SECONDS = 60.0


class Lookout:
    """What was already seen and raised in one call; holds rule ids, no words."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._raised: dict[str, float] = {}

    def raised_by(self, words: str, second: float, *, settled: bool) -> tuple[Hit, ...]:
        hits = dangers_in(words)
        self._seen = {hit.rule: self._seen.get(hit.rule, 0) + 1 for hit in hits}
        new = tuple(hit for hit in hits if self._is_new(hit.rule, second, settled=settled))
        self._raised.update({hit.rule: second for hit in new})
        return new

    def _is_new(self, rule: str, second: float, *, settled: bool) -> bool:
        if not settled and self._seen[rule] < STEADY:
            return False
        return rule not in self._raised or second - self._raised[rule] >= AGAIN_AFTER_SECONDS
