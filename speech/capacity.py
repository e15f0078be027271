"""How many calls this process may hear: as many as it has been keeping up with."""

# Sound was lost: nobody new is taken in for so long, and those who are heard are heard better.
CAUTIOUS_SECONDS = 20.0


class Capacity:
    """A bound that the site sets, and what was measured: who falls behind is full, whatever the bound says."""

    def __init__(self, most_calls: int) -> None:
        self._most_calls = most_calls
        self._behind_at: float | None = None

    def fell_behind(self, now: float) -> None:
        self._behind_at = now

    def admits(self, hearing: int, now: float) -> bool:
        """The first call is always taken in: on a slow machine something is better than nothing."""
        if hearing == 0:
            return True
        keeps_up = self._behind_at is None or now - self._behind_at >= CAUTIOUS_SECONDS
        return hearing < self._most_calls and keeps_up
