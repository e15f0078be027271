"""What every test may rely on."""

import os
import shlex
from collections.abc import Iterator

import hypothesis
import pytest
import structlog

from wingline.setup.failure import SetupFailed
from wingline.setup.programs import command

# Tests assert behaviour, not the speed of this machine.
hypothesis.settings.register_profile("any-machine", deadline=None, max_examples=50)
hypothesis.settings.load_profile("any-machine")

# The one test of speech that speaks asks for flite by this name; speech itself knows nothing of our set-up.
try:
    os.environ.setdefault("WINGLINE_FLITE", shlex.join(command("flite")))
except SetupFailed:
    os.environ.pop("WINGLINE_FLITE", None)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A test that sets up the program's own logs must not decide where the next test's go."""
    yield
    structlog.reset_defaults()
