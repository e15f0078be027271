"""One set-up at a time in a folder, also after the last one was killed."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wingline.setup.failure import SetupFailed


@contextmanager
def alone_in(folder: Path) -> Iterator[int]:
    """Hold the folder's lock and give its descriptor, for children to hold it too.

    A killed set-up leaves its children running. They keep the lock until they end, so the next
    set-up never meets a folder that is still being written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "set-up.lock").open("w")
    except OSError as error:
        raise SetupFailed(
            f"Cannot write in {folder}: {error.strerror}.",
            remedy="give this user that folder, or set WINGLINE_HOME (and WINGLINE_CACHE) to one it may write in.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Not through rich: the virtual environment is made under this lock.
            sys.stdout.write(f"  Another set-up is at work in {folder}; waiting for it ...\n")
            sys.stdout.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
