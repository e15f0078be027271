"""What a newcomer sees first: the demonstration comes to its end, and says what it measured."""

import json
import subprocess
import sys
from pathlib import Path


def test_the_demonstration_tells_a_whole_call() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("wingline")), "demo", "--json", "--no-stay"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    figures = json.loads(done.stdout.splitlines()[-1])

    assert figures["acknowledged"]
    assert figures["words_found_on_disk"] == 0
    assert 0 < figures["notice_s"] <= 12
    # The flag may come before the last word is said.
    assert figures["flag_ms"]
    assert all(figures[name] > 0 for name in ("ring_ms", "prompt_ms", "staff_ring_ms"))
