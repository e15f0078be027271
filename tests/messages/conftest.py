"""What the tests of the senders share."""

import pytest

from tests.fakes.certificates import Certificates, new_certificates


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    return new_certificates()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
