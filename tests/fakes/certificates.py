"""Certificates of an authority that exists for one run of the tests."""

import ssl
from dataclasses import dataclass

import trustme


@dataclass(frozen=True)
class Certificates:
    """``server`` is what a server at localhost shows; ``trusts`` is a machine that trusts its authority."""

    server: ssl.SSLContext
    trusts: ssl.SSLContext


def new_certificates() -> Certificates:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    trusts = ssl.create_default_context()
    authority.configure_trust(trusts)
    return Certificates(server, trusts)
