"""The SIP messages a phone sent and received, read from the trace that baresip prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# baresip prints each message as: ESC[36;1m#, a line "UDP here -> there", the message, ESC[;m
_BEGINS = "\x1b[36;1m#"
_ENDS = "\x1b[;m"
_SOUND = re.compile(r"^m=audio (\d+) ", re.MULTILINE)
_ROUTE = re.compile(r"^(?:UDP|TCP|TLS) (\S+) -> (\S+)$")


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One message, whole, so that a story can prove what it does not say."""

    at: float
    sent: bool
    text: str = field(repr=False)

    @property
    def start_line(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def status(self) -> int | None:
        return int(self.start_line.split()[1]) if self.start_line.startswith("SIP/2.0 ") else None

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        head = self.text.partition("\n\n")[0].split("\n")[1:]
        pairs = (line.partition(":") for line in head)
        return tuple((name.strip(), value.strip()) for name, _, value in pairs)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def sound_port(self) -> int | None:
        """Where its sender wants the sound of the call (SDP, RFC 8866 5.14); None when it says nothing of it."""
        found = _SOUND.search(self.text)
        return int(found[1]) if found else None

    def is_of(self, method: str) -> bool:
        return self.header("CSeq").endswith(f" {method}")


class SignallingReader:
    """Lines of baresip's output, sorted into SIP messages and plain log lines."""

    def __init__(self, registrar: str) -> None:
        self._registrar = registrar
        self._lines: list[str] | None = None

    def feed(self, line: str, at: float) -> SipMessage | str | None:
        """The SIP message that this line ends, or the line itself when it belongs to none."""
        if line == _BEGINS:
            self._lines = []
            return None
        if self._lines is None:
            return line
        if line != _ENDS:
            self._lines.append(line)
            return None
        lines, self._lines = self._lines, None
        route = _ROUTE.match(lines[0]) if lines else None
        return SipMessage(at, route is not None and route[2] == self._registrar, "\n".join(lines[1:]))
