"""Certificates that these tests' own authority vouches for."""

import ssl
from dataclasses import dataclass

import pytest
import trustme


@dataclass(frozen=True)
class Certificates:
    """``server`` is what a server at localhost shows; ``trusts`` is a machine that trusts its authority."""

    server: ssl.SSLContext
    trusts: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    trusts = ssl.create_default_context()
    authority.configure_trust(trusts)
    return Certificates(server, trusts)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
