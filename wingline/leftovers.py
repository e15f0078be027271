"""Programs of this installation that a killed supervisor left running: found by how they were started, and ended."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import structlog

from wingline.settings import Settings

log = structlog.get_logger()

PROCESSES = Path("/proc")
GENTLE_SECONDS = 5.0


def is_ours(arguments: list[str], environment: list[str], settings: Settings) -> bool:
    """Only what names this installation: Asterisk by its configuration, speech by its secrets, line by its folder."""
    if str(settings.data / "asterisk" / "etc" / "asterisk.conf") in arguments:
        return True
    match arguments[1:]:
        case ["-m", "speech", *options]:
            return str(settings.secrets_file) in options
        case ["-m", "wingline.line"]:
            return f"WINGLINE_DATA={settings.data}" in environment
        case _:
            return False


def left_running(settings: Settings) -> Iterator[int]:
    """Whoever asks holds the lock of the data folder, so that nobody else can have started them."""
    for folder in PROCESSES.iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            arguments, environment = _words(folder / "cmdline"), _words(folder / "environ")
            if is_ours(arguments, environment, settings):
                yield int(folder.name)


def end_leftovers(settings: Settings) -> int:
    """How many there were. Their calls end; the new programs need the same ports."""
    found = list(left_running(settings))
    for pid in found:
        log.warning("leftover.ended", pid=pid)
        _tell(pid, signal.SIGTERM)
    deadline = monotonic() + GENTLE_SECONDS
    while (alive := [pid for pid in found if _runs(pid)]) and monotonic() < deadline:
        sleep(0.05)
    for pid in alive:
        _tell(pid, signal.SIGKILL)
    return len(found)


def _words(path: Path) -> list[str]:
    """Empty for what has ended meanwhile, or is not for us to read."""
    try:
        return path.read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def _runs(pid: int) -> bool:
    return bool(_words(PROCESSES / str(pid) / "cmdline"))  # a zombie has none


def _tell(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)
