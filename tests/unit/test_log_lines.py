"""A library's line in the log is like ours: in UTC, and with nothing of what the library or its fault said."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta

from models.clock import now

_SAYS = """
import logging
from wingline.logs import set_up_logs
set_up_logs()
def asked():
    raise ValueError("cell A-1-008")
try:
    asked()
except ValueError:
    logging.getLogger("some.library").warning("of %s", "cell A-1-008", exc_info={})
"""
_LINE = re.compile(r"timestamp='(\S+Z)' level='warning' event='some\.library\.<module>'\n((?s:.*))")


def said(*, fault: bool) -> re.Match[str]:
    """Of a machine whose clock shows twelve hours more than UTC."""
    there = os.environ | {"TZ": "Pacific/Auckland"}
    command = [sys.executable, "-c", _SAYS.format(fault)]
    line = subprocess.run(command, env=there, capture_output=True, text=True, check=True).stderr
    found = _LINE.fullmatch(line)
    assert found, line
    return found


def test_it_is_in_utc_wherever_the_machine_is() -> None:
    assert abs(datetime.fromisoformat(said(fault=False)[1]) - now()) < timedelta(hours=6)


def test_of_a_fault_it_has_kind_and_place_and_never_what_the_fault_said() -> None:
    assert said(fault=False)[2] == ""
    assert said(fault=True)[2].splitlines() == [
        "Traceback (most recent call last):",
        '  File "<string>", line 8, in <module>',
        '  File "<string>", line 6, in asked',
        "builtins.ValueError",
    ]
