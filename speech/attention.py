"""What one recogniser has made of one call lately, and which of it is a danger that nobody was told of yet."""

from speech.judge import Found, Judge
from speech.lookout import Lookout
from speech.window import Window


class Attention:
    """The words of one pass over one call. `now` is any clock that does not go back; `second` is of the call."""

    def __init__(self, judge: Judge, lookout: Lookout) -> None:
        self._judge = judge
        self._lookout = lookout
        self._window = Window()
        # Of the words that were last judged: partial results often stay the same.
        self._judged = 0
        self._found: tuple[Found, ...] = ()

    def __repr__(self) -> str:
        return f"Attention({self._window!r})"

    def heard(
        self, words: str, *, now: float | None, second: float, settled: bool, agreement: float = 1.0
    ) -> tuple[Found, ...]:
        """The dangers that are new. The words that told of one are forgotten with it (domain.md section 6, layer 3).

        Words without a time (``now``) are judged and not remembered.
        """
        if not words:
            return ()
        said = self._window.with_newest(words)
        if (these := hash((said, agreement))) != self._judged:
            self._judged, self._found = these, self._judge.dangers_in(said, agreement)
        new = self._lookout.new_in(self._found, second, settled=settled)
        if new:
            self._window.wipe()
        if settled and now is not None and not self._found:
            self._window.keep(words, now)
        return new

    def forget_old(self, now: float) -> None:
        self._window.forget_old(now)

    def wipe(self) -> None:
        self._window.wipe()
        self._judged, self._found = 0, ()
