"""A short run of chaos: real phones, real faults, and every promise looked at afterwards (docs/chaos.md)."""

import json
import os
import subprocess
import sys
from pathlib import Path

WINGLINE = Path(sys.executable).with_name("wingline")
# Another one: WINGLINE_CHAOS_SEED. How far a seed repeats: docs/chaos.md.
SEED = os.environ.get("WINGLINE_CHAOS_SEED", "40")
CALLS = 4
LONGEST_SECONDS = 300


def chaos(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WINGLINE, "chaos", *arguments], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )


def test_a_short_run_of_chaos_breaks_no_promise() -> None:
    ended = chaos("--seed", SEED, "--calls", str(CALLS), "--here", "--json")
    found = json.loads(ended.stdout.splitlines()[-1])

    assert found["broken"] == [], ended.stderr
    assert ended.returncode == 0
    assert found["calls"] == CALLS
    assert sum(found["faults"].values()) >= 2
    assert found["facts"]["files_searched_for_words"] > 3


def test_what_cannot_be_played_is_refused_in_words() -> None:
    ended = chaos("--calls", "0", "--json")

    assert ended.returncode == 1
    assert "What to do" in ended.stderr
    assert ended.stdout == ""
