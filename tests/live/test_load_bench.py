"""`wingline bench --calls` measures real calls beside the bare Asterisk, and ends by itself."""

import json
import subprocess
import sys
from pathlib import Path

WINGLINE = Path(sys.executable).with_name("wingline")


def test_calls_are_set_up_on_the_line_and_on_the_bare_asterisk() -> None:
    asked = [WINGLINE, "bench", "--calls", "4", "--only", "setting-up", "--seconds", "20", "--json"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

    found = json.loads(done.stdout.splitlines()[-1])
    line, bare = found["setting_up"]["wingline"], found["setting_up"]["app_queue_alone"]
    for one in (line, bare):
        assert one["calls_one_by_one"] > 0
        assert one["without_a_ring"] == 0
        assert one["invite_to_ring_ms_median"] > 0
    assert found["took_seconds"] < 100
