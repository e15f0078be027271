"""Saying what the set-up does, how far it is, and how long it took."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

console = Console(highlight=False, markup=False, soft_wrap=True)


@dataclass(slots=True)
class Step:
    """One thing being done; it shows a bar on a terminal once it has taken two seconds."""

    started: float = field(default_factory=monotonic)
    bar: Progress | None = None

    def reached(self, done: float, total: float) -> None:
        if self.bar is None and console.is_terminal and monotonic() - self.started > 2:
            columns = (BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeRemainingColumn())
            self.bar = Progress(TextColumn("   "), *columns, console=console, transient=True)
            self.bar.add_task("", total=total)
            self.bar.start()
        if self.bar is not None:
            self.bar.update(TaskID(0), completed=done, total=total)

    def took(self) -> str:
        return f"{monotonic() - self.started:.1f} s"


@contextmanager
def step(title: str) -> Iterator[Step]:
    console.print(f"  {title} ...")
    now = Step()
    try:
        yield now
    finally:
        if now.bar is not None:
            now.bar.stop()
    console.print(f"    {now.took()}")
