"""What a newcomer sees first: the demonstration comes to its end, and says what it measured."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

WINGLINE = str(Path(sys.executable).with_name("wingline"))


def test_the_demonstration_tells_a_whole_call() -> None:
    done = subprocess.run(
        [WINGLINE, "demo", "--json", "--no-stay"],
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


def test_a_terminal_that_is_closed_leaves_nothing_running(tmp_path: Path) -> None:
    there = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([WINGLINE, "demo"], env=there, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        assert any("are up" in line for line in demo.stdout)
        assert len(list(_running(tmp_path))) > 3
        demo.send_signal(signal.SIGHUP)
        demo.stdout.read()

    assert demo.returncode == 0
    assert not list(_running(tmp_path))
    assert not list(tmp_path.glob("wingline-*"))


def _running(below: Path) -> Iterator[int]:
    """Who was started with this folder; a process that is just ending may still be listed for a moment."""
    time.sleep(0.5)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(below).encode() in told:
            yield int(process.name)
