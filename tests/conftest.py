"""What every test may rely on."""

import ctypes
import gc
import os
import re
import shlex
from collections.abc import Iterator

import hypothesis
import pytest
import structlog
from argon2 import PasswordHasher

import console.accounts
import listeners.pin
from wingline.logs import LEVEL_VARIABLE
from wingline.setup.failure import SetupFailed
from wingline.setup.programs import command

# Tests assert behaviour, not the speed of this machine.
hypothesis.settings.register_profile("any-machine", deadline=None, max_examples=50)
hypothesis.settings.load_profile("any-machine")

# The one test of speech that speaks asks for flite by this name; speech itself knows nothing of our set-up.
try:
    os.environ.setdefault("WINGLINE_FLITE", shlex.join(command("flite")))
except SetupFailed:
    os.environ.pop("WINGLINE_FLITE", None)


# Chromium as root sets itself to nice -8, and phones on the same machine then lose sound: no program of a test may.
_PR_CAPBSET_DROP, _CAP_SYS_NICE = 24, 23
ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_NICE, 0, 0, 0)


# Real phones play real sound in real time: on two cores that other tests share, somebody now and then hears a word a
# second too late. Such a story is told up to twice more, and the summary names it; not those that seek what is rare.
TOLD_AGAIN = ("stories", "live", "contract")
NEVER_AGAIN = frozenset({"test_races.py", "test_chaos.py", "test_canaries.py"})
# Begun last, whoever tells it is the only one who still works for minutes.
LONGEST = frozenset({"test_chaos.py", "test_console_bench.py", "test_every_page.py", "test_staff_line.py"})

# A line of a traceback: tests/stories/people.py:59: AssertionError
PLACE = re.compile(r"\S+\.py:\d+:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if item.path.parent.name in TOLD_AGAIN and item.path.name not in NEVER_AGAIN:
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why it was told again; what nobody knows nobody mends."""
    for report in terminalreporter.stats.get("rerun", []):
        why = report.longreprtext.splitlines()
        said = [line[1:].strip() for line in why if line.startswith("E ")] or why[-1:]
        where = [line.split(": ")[0] for line in why if PLACE.match(line)]
        terminalreporter.write_line(f"{report.nodeid} was told again: {' '.join(said)[:500]} ({', '.join(where)})")


def pytest_collection_finish() -> None:
    """What is loaded stays: each look for garbage passes over it (a third of a second, again and again)."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2 is slow on purpose; no test is about how slow."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(console.accounts, "_HASHER", quick)
        patched.setattr(console.accounts, "_NOBODYS_PASSWORD", quick.hash("nobody signs in with this"))
        patched.setattr(listeners.pin, "_HASHER", quick)
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A test that sets up the program's own logs must not decide where the next test's go, nor how much they say."""
    before = os.environ.get(LEVEL_VARIABLE)
    yield
    structlog.reset_defaults()
    os.environ.pop(LEVEL_VARIABLE, None)
    if before is not None:
        os.environ[LEVEL_VARIABLE] = before
