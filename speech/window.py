"""The words of the last half minute, so that a danger said in two sentences is one; the only place that holds any."""

# domain.md section 6, layer 3: at most 60 s. An utterance lasts about 20 s at most (Vosk's endpoint rule 5) and is kept
# for 30 s more.
KEPT_SECONDS = 30.0


class Window:
    """The last utterances of one call, overwritten when they are forgotten."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: list[tuple[float, bytearray]] = []

    def __repr__(self) -> str:
        return f"Window(utterances={len(self._kept)})"

    def keep(self, words: str, now: float) -> None:
        self._kept.append((now, bytearray(words, "utf-8")))

    def with_newest(self, words: str) -> tuple[str, ...]:
        """Every utterance that is kept and, at the end, what is being said."""
        return (*(kept.decode("utf-8") for _, kept in self._kept), words)

    def forget_old(self, now: float) -> None:
        while self._kept and now - self._kept[0][0] >= KEPT_SECONDS:
            overwrite(self._kept.pop(0)[1])

    def wipe(self) -> None:
        while self._kept:
            overwrite(self._kept.pop()[1])


def overwrite(held: bytearray) -> None:
    held[:] = bytes(len(held))
