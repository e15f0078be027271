"""`python -m wingline.setup line people browser voice`: get what is named and missing; quick when nothing is."""

import sys
from enum import StrEnum
from typing import assert_never

from wingline.setup.alone import alone_in
from wingline.setup.axe import get_axe
from wingline.setup.browser import get_browser
from wingline.setup.clock import get_clock
from wingline.setup.extras import BENCH, CLUSTER, get_extra
from wingline.setup.failure import SetupFailed
from wingline.setup.graph import compose_graph
from wingline.setup.model import get_models
from wingline.setup.paths import Places, places
from wingline.setup.programs import get_programs
from wingline.setup.steps import Step, console
from wingline.setup.voice import get_voice

_STOPPED = 130


class Part(StrEnum):
    """`line` is what a site runs; `people` are the demo's phones and voices; `browser` is for the console's tests; the
    last three are for `wingline bench --calls`, `make cluster-test` and the clock jumps of `wingline chaos`.
    """

    LINE = "line"
    PEOPLE = "people"
    BROWSER = "browser"
    VOICE = "voice"
    BENCH = "bench"
    CLUSTER = "cluster"
    CLOCK = "clock"


def main(arguments: list[str]) -> int:
    try:
        parts = [Part(argument) for argument in arguments]
    except ValueError:
        parts = []
    if not parts:
        console.print(f"Usage: python -m wingline.setup [{'] ['.join(Part)}]")
        return 2
    where = places()
    whole = Step()
    try:
        with alone_in(where.home) as lock:
            for part in parts:
                _get(part, where, lock=lock)
    except SetupFailed as failure:
        console.print(f"\nThe set-up stopped: {failure}")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped. Start it again and it goes on from where it was.")
        return _STOPPED
    console.print(f"Set up in {where.home}: {', '.join(parts)} ({whole.took()})")
    return 0


def _get(part: Part, where: Places, *, lock: int) -> None:
    match part:
        case Part.LINE:
            get_programs(where, lock=lock)
            get_models(where)
            compose_graph(where, lock=lock)
        case Part.PEOPLE:
            get_programs(where, lock=lock)
        case Part.BROWSER:
            get_browser(where, lock=lock)
            get_axe(where)
        case Part.VOICE:
            get_voice(where)
        case Part.BENCH:
            get_extra(BENCH, where, lock=lock)
        case Part.CLUSTER:
            get_extra(CLUSTER, where, lock=lock)
        case Part.CLOCK:
            get_clock(where, lock=lock)
        case _:
            assert_never(part)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
