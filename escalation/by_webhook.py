"""Messages to a program of the prison's own: JSON, signed as Standard Webhooks 1.0 says, so that it can be believed."""

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus

import httpx

from escalation.contacts import Contact, Way
from escalation.message_words import webhook_body
from escalation.messages import Fault, Message
from escalation.sending import AT_MOST, fault_of
from models import clock
from models.words import Instant

KEY_PREFIX = "whsec_"
_FEWEST_BYTES = 24
# Not refused for good: the server asks for patience.
_COME_BACK = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def signing_keys(secret: str) -> tuple[bytes, ...]:
    """``whsec_`` and base64; two with a space between them while a key is being changed. Empty when it is no key."""
    try:
        keys = tuple(
            base64.b64decode(one.removeprefix(KEY_PREFIX), validate=True)
            for one in secret.split()
            if one.startswith(KEY_PREFIX)
        )
    except binascii.Error:
        return ()
    return keys if all(len(key) >= _FEWEST_BYTES for key in keys) else ()


def signed(message: str, body: bytes, keys: tuple[bytes, ...], now: Instant) -> dict[str, str]:
    """The three headers; one signature for each key."""
    at = str(int(now.timestamp()))
    content = f"{message}.{at}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


class ByWebhook:
    """Straight to the address: no proxy of the environment, no redirect; the answer's body is not read."""

    def __init__(
        self, secrets: Mapping[str, str], trust: ssl.SSLContext, *, now: Callable[[], Instant] = clock.now
    ) -> None:
        self._secrets = secrets
        self._trust = trust
        self._now = now

    async def send(self, message: Message) -> Fault | None:
        keys = self._keys(message.contact)
        if not keys:
            return Fault.NO_SECRET
        body = webhook_body(message)
        headers = signed(message.id, body, keys, self._now()) | {"content-type": "application/json"}
        post = httpx.Request("POST", message.contact.address, content=body, headers=headers)
        try:
            async with self._connections() as connections:
                answer = await connections.send(post, stream=True)
                await answer.aclose()
        except httpx.TransportError as error:
            return fault_of(error)
        return _fault_in(answer.status_code)

    async def answers(self, contact: Contact) -> Fault | None:
        """The key can be used, and TCP and TLS hold; what becomes of a message there only a drill shows."""
        if not self._keys(contact):
            return Fault.NO_SECRET
        address = httpx.URL(contact.address)
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 80)
        try:
            _, writer = await asyncio.open_connection(address.host, port, ssl=self._trust if secure else None)
        except OSError as error:
            return fault_of(error)
        writer.close()
        with contextlib.suppress(OSError):  # it was there, however it says goodbye
            await writer.wait_closed()
        return None

    def _keys(self, contact: Contact) -> tuple[bytes, ...]:
        return signing_keys(self._secrets.get(contact.secret or "", ""))

    def _connections(self) -> httpx.AsyncClient:
        """New for each try: a connection that was kept may be dead when a life depends on it."""
        seconds = AT_MOST[Way.WEBHOOK].total_seconds()
        return httpx.AsyncClient(verify=self._trust, timeout=seconds, follow_redirects=False, trust_env=False)


def _fault_in(status: int) -> Fault | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Fault.REDIRECTED
    return Fault.NOT_NOW if status >= 500 or status in _COME_BACK else Fault.REFUSED
