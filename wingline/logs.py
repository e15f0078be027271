"""Logs: the name of an event and ids; never speech, names or numbers."""

import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType

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


class _Library(logging.Formatter):
    """What libraries say, and their faults, may repeat a row or what somebody typed: kind and place are enough."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        facts = {
            "timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": f"{record.name}.{record.funcName}",
        }
        line = " ".join(f"{name}={value!r}" for name, value in facts.items())
        kind, _fault, places = record.exc_info or (None, None, None)
        return f"{line}\n{_traceback(kind, places)}" if kind else line


def _traceback(kind: type[BaseException], places: TracebackType | None) -> str:
    """As Python writes it, without the line of code and without what the fault says."""
    passed = [f'  File "{one.filename}", line {one.lineno}, in {one.name}' for one in extract_tb(places)]
    return "\n".join(["Traceback (most recent call last):", *passed, f"{kind.__module__}.{kind.__qualname__}"])


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
    libraries = logging.StreamHandler()
    libraries.setFormatter(_Library())
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])
