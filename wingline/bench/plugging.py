"""Plugs phones in: registers each of them from the port on which SIPp will answer for all of them."""

import asyncio
import hashlib
import re
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import OurFault
from wingline.bench.sipp import Account

_EXPIRES_SECONDS = 7200
_WITHIN_SECONDS = 20.0
# The exchange asks each phone that it has just met whether it is there (qualify).
_ASKED_WITHIN_SECONDS = 1.0
_CHALLENGE = re.compile(r'(\w+)="?([^",]+)"?')


class NotRegistered(OurFault):
    def __init__(self, left: int) -> None:
        super().__init__(f"{left} phones of the bench were not registered; look at the log of the private Asterisk")


async def plug_in(  # noqa: PLR0913 - each named
    accounts: Sequence[Account],
    *,
    port: int,
    server: tuple[str, int],
    bound: socket.socket | None = None,
    within: float = _WITHIN_SECONDS,
    lingers: float = _ASKED_WITHIN_SECONDS,
) -> None:
    """Afterwards the port is free again, for whoever answers there. ``bound``: a socket on that port elsewhere."""
    loop = asyncio.get_running_loop()
    address = bound.getsockname()[0] if bound else "127.0.0.1"
    where = {"sock": bound} if bound else {"local_addr": (address, port)}
    _, registrar = await loop.create_datagram_endpoint(
        lambda: _Registrar(accounts, (address, port), server),
        **where,
    )
    try:
        await registrar.everybody(within)
        await asyncio.sleep(lingers)
    finally:
        await registrar.close()


def digest(account: Account, challenge: dict[str, str], *, uri: str, method: str = "REGISTER") -> str:
    """RFC 2617 with qop=auth, and without it."""
    nonce, realm = challenge["nonce"], challenge["realm"]
    first, second = _md5(f"{account.id}:{realm}:{account.secret}"), _md5(f"{method}:{uri}")
    head = f'Digest username="{account.id}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
    opaque = f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else ""
    if "qop" not in challenge:
        return f'{head}, response="{_md5(f"{first}:{nonce}:{second}")}"{opaque}'
    ours = secrets.token_hex(8)
    response = _md5(f"{first}:{nonce}:00000001:{ours}:auth:{second}")
    return f'{head}, qop=auth, nc=00000001, cnonce="{ours}", response="{response}"{opaque}'


def challenge_in(message: str) -> dict[str, str]:
    line = next((one for one in message.split("\r\n") if one.lower().startswith("www-authenticate:")), "")
    return dict(_CHALLENGE.findall(line))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class _Registrar(asyncio.DatagramProtocol):
    """One after the other would be slow for hundreds; each has a call id of its own."""

    accounts: Sequence[Account]
    here: tuple[str, int]
    server: tuple[str, int]
    _left: dict[str, Account] = field(default_factory=dict)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of an endpoint for datagrams it is one
        self._left = {secrets.token_hex(8): account for account in self.accounts}

    def datagram_received(self, data: bytes, _address: object) -> None:
        message = data.decode(errors="replace")
        if message.startswith("OPTIONS "):
            self._answer(message)
            return
        call = _header(message, "Call-ID")
        account = self._left.get(call)
        if account is None:
            return
        if message.startswith("SIP/2.0 401"):
            self._register(call, account, challenge_in(message))
        elif message.startswith("SIP/2.0 200"):
            del self._left[call]
            if not self._left:
                self._done.set()

    async def everybody(self, within: float) -> None:
        for call, account in list(self._left.items()):
            self._register(call, account, None)
            await asyncio.sleep(0.002)
        try:
            await asyncio.wait_for(self._done.wait(), within)
        except TimeoutError:
            raise NotRegistered(len(self._left)) from None

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self._closed.set()

    async def close(self) -> None:
        if self._transport:
            self._transport.close()
            await self._closed.wait()
            # The socket itself is closed right after its protocol was told.
            await asyncio.sleep(0.01)

    def _register(self, call: str, account: Account, challenge: dict[str, str] | None) -> None:
        there, here = "{}:{}".format(*self.server), "{}:{}".format(*self.here)
        uri, sip = f"sip:{there}", f"<sip:{account.id}@{there}>"
        lines = [
            f"REGISTER {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {sip};tag={call}",
            f"To: {sip}",
            f"Call-ID: {call}",
            f"CSeq: {2 if challenge else 1} REGISTER",
            f"Contact: <sip:{account.id}@{here}>",
            f"Expires: {_EXPIRES_SECONDS}",
            *([f"Authorization: {digest(account, challenge, uri=uri)}"] if challenge else []),
            "Content-Length: 0",
        ]
        self._send("\r\n".join((*lines, "", "")))

    def _answer(self, asked: str) -> None:
        kept = ("via:", "from:", "to:", "call-id:", "cseq:")
        lines = [line for line in asked.split("\r\n") if line.lower().startswith(kept)]
        self._send("\r\n".join(("SIP/2.0 200 OK", *lines, "Content-Length: 0", "", "")))

    def _send(self, text: str) -> None:
        if self._transport:
            self._transport.sendto(text.encode(), self.server)


def _header(message: str, name: str) -> str:
    start = f"{name.lower()}:"
    return next((line[len(start) :].strip() for line in message.split("\r\n") if line.lower().startswith(start)), "")
