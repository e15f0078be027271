"""A line at work sends nothing to the internet: no look-up of a name, no question for news, no report."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("cut_off.py")
# Root has a namespace for the asking; others where the kernel lets them.
APART = ("unshare", "--mount", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount", "--net")


def why_not() -> str:
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "unshare and ip (util-linux, iproute2) are not here"
    tried = subprocess.run([*APART, "ip", "link", "add", "out", "type", "veth", "peer", "name", "far"], check=False)
    return "" if tried.returncode == 0 else "this machine gives no network namespace with a pair of its own"


def test_a_call_and_the_doctors_own_send_nothing_to_the_internet() -> None:
    if reason := why_not():
        pytest.skip(reason)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*APART, sys.executable, str(PROGRAM)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    facts = json.loads(done.stdout.splitlines()[-1])

    assert facts["answered"]
    assert facts["doctor"]["test sentence"] == "ok"
    assert facts["doctor"]["caller to machine"] == "ok"
    assert facts["sent"] == []
    assert facts["seen"] == 1, "what is sent there must be seen, or the line above proves nothing"
