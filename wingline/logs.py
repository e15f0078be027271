"""Logs: the name of an event and ids; never speech, names or numbers."""

import logging
import os
import sys
from contextlib import suppress

import structlog

LEVEL_VARIABLE = "WINGLINE_LOG_LEVEL"


class _Stderr:
    """A log that cannot be written, as on a full disk, must not stop a call: what was to be logged is lost."""

    def write(self, text: str) -> None:
        # Asked each time, so that it is the stream of now.
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


_STDERR = _Stderr()


def set_up_logs() -> None:
    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL_VARIABLE, "INFO").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(_STDERR),  # type: ignore[arg-type]  # what print() uses of it
    )
    # What libraries say may repeat a row or a channel's name: their kind and place are enough.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s level=%(levelname)s event=%(name)s.%(funcName)s")
