"""Logs: the name of an event and ids; never speech, names or numbers."""

import logging
import os
import sys

import structlog

LEVEL_VARIABLE = "WINGLINE_LOG_LEVEL"


def set_up_logs() -> None:
    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL_VARIABLE, "INFO").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked each time, so that it is the stream of now.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    # What libraries say may repeat a row or a channel's name: their kind and place are enough.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s level=%(levelname)s event=%(name)s.%(funcName)s")
