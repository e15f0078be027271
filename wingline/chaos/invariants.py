"""All that has to hold after a run, and what did not."""

from collections.abc import Callable, Iterator

from wingline.chaos import checks_calls, checks_escalations
from wingline.chaos.bounds import Bounds
from wingline.chaos.history import History
from wingline.chaos.violation import Broken

# A program that opened so many more files than when it had just started loses them.
MORE_DESCRIPTORS = 12

Invariant = Callable[[History, Bounds], Iterator[Broken]]


def everything_comes_back(history: History, bounds: Bounds) -> Iterator[Broken]:
    """After each fault all parts answer again."""
    del bounds
    for fault in history.faults:
        if fault.over is None:
            yield Broken("everything_comes_back", fault.kind, f"not all parts answered after {fault.began:.0f} s")


def nothing_is_left(history: History, bounds: Bounds) -> Iterator[Broken]:
    """No channel, open row, lease, socket, file descriptor or program."""
    del bounds
    rows = history.rows
    counts = {
        "open calls": rows.open_calls,
        "open offers": rows.open_offers,
        "open talks": sum(talk.ended is None for talk in rows.talks),
        "phones of staff still being told": sum(one.ended is None for one in rows.tellings),
        "open escalations": sum(one.closed is None for one in rows.escalations),
    }
    for what, count in counts.items():
        if count:
            yield Broken("nothing_is_left", "-", f"{count} {what}")
    for thing in history.left.things:
        yield Broken("nothing_is_left", "-", thing)
    for program, (before, after) in history.left.descriptors.items():
        if after - before > MORE_DESCRIPTORS:
            yield Broken("nothing_is_left", "-", f"{program} has {after} file descriptors, and began with {before}")


def no_word_anywhere(history: History, bounds: Bounds) -> Iterator[Broken]:
    del bounds
    for where in history.words:
        yield Broken("no_word_anywhere", "-", where)


def logs_say_no_surprise(history: History, bounds: Bounds) -> Iterator[Broken]:
    """What fails is answered where it fails; a traceback is something that nobody foresaw."""
    del bounds
    for line in history.log_trouble:
        yield Broken("logs_say_no_surprise", "-", line)


INVARIANTS: tuple[Invariant, ...] = (
    checks_calls.reaches_a_human,
    checks_calls.is_never_silent,
    checks_calls.is_answered,
    checks_calls.is_not_cut_off,
    checks_calls.calls_again_and_reaches_somebody,
    checks_calls.has_one_listener,
    checks_calls.has_one_call,
    checks_escalations.is_not_lost,
    checks_escalations.is_not_doubled,
    checks_escalations.somebody_is_told,
    checks_escalations.is_rung_once,
    checks_escalations.rings_as_written,
    checks_escalations.staff_hear_what_came_of_it,
    everything_comes_back,
    nothing_is_left,
    no_word_anywhere,
    logs_say_no_surprise,
)


def everything_broken(history: History, bounds: Bounds) -> tuple[Broken, ...]:
    return tuple(one for invariant in INVARIANTS for one in invariant(history, bounds))
