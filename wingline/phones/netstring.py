"""Netstrings ("5:hello,"), the frames of baresip's control socket."""

from __future__ import annotations


def encode(payload: bytes) -> bytes:
    return b"%d:%s," % (len(payload), payload)


class NetstringReader:
    """What arrived so far, cut into whole payloads."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, received: bytes) -> list[bytes]:
        self._pending += received
        payloads: list[bytes] = []
        while (payload := self._next()) is not None:
            payloads.append(payload)
        return payloads

    def _next(self) -> bytes | None:
        digits, colon, rest = self._pending.partition(b":")
        if not colon:
            return None
        length = int(digits)
        if len(rest) <= length:
            return None
        if rest[length : length + 1] != b",":
            raise ValueError("a netstring did not end with a comma")
        self._pending = rest[length + 1 :]
        return rest[:length]
