"""Says as it happens who did what, at which millisecond of the call."""

import time

from rich.console import Console
from rich.text import Text

_COLOURS = {"caller": "cyan", "Listener": "green", "machine": "magenta", "nurse": "yellow", "control room": "yellow"}


class Timeline:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def begin(self) -> None:
        self._began = time.monotonic()

    def say(self, who: str, what: str, at: float | None = None) -> None:
        """``at`` is time.monotonic(); now, when it is not given."""
        moment = int(1000 * ((time.monotonic() if at is None else at) - self._began))
        self._console.print(
            Text.assemble(f"{moment:>8,} ms  ", (f"{who:<13}", _COLOURS.get(who, "bold")), what), soft_wrap=True
        )

    def heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]")

    def note(self, text: str) -> None:
        self._console.print(text, highlight=False)
