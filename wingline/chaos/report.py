"""What a run found: one JSON object, or a table for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from wingline.chaos.history import EndedBy
from wingline.chaos.plan import Plan
from wingline.chaos.run import Seen
from wingline.chaos.violation import Broken


def as_found(plan: Plan, seen: Seen, broken: Sequence[Broken], seconds: float) -> dict[str, object]:
    history = seen.history
    calls = [call for story in history.callers for call in story.calls]
    with_listener = {one.who + one.call for one in history.members if one.who.startswith("caller-")}
    return {
        "seed": plan.seed,
        "calls": len(history.callers),
        "faults": dict(sorted(Counter(fault.kind.value for fault in history.faults).items())),
        "violations": len(broken),
        "broken": [asdict(one) for one in broken],
        "corrected": seen.corrected,
        "facts": {
            "calls_answered": len(calls),
            "dialled_again": sum(len(story.dialled) - 1 for story in history.callers),
            "ended_by_others": sum(call.by is not EndedBy.SELF for call in calls),
            "with_a_listener": len(with_listener),
            "told_by_the_exchange_alone": sum(any(one.what == "alone/notice" for one in call.heard) for call in calls),
            "escalations": len(history.rows.escalations),
            "phones_of_staff_told": len(history.rows.tellings),
            "files_searched_for_words": seen.files_searched,
        },
        "took": seen.took,
        "seconds": round(seconds, 1),
    }


def write(console: Console, found: dict[str, object], broken: Sequence[Broken]) -> None:
    table = Table(title=f"Chaos, seed {found['seed']}", show_header=False)
    for name in ("calls", "faults", "corrected", "facts", "took", "violations", "seconds"):
        value = found[name]
        words = ", ".join(f"{one} {count}" for one, count in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name, words or "none")
    console.print(table)
    for one in broken:
        console.print(f"[bold red]{one.invariant}[/bold red]  {one.call}: {one.what}", highlight=False)
