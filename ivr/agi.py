"""The FastAGI edge: Asterisk lends us a live call for as long as one session lasts."""

import asyncio
import hmac
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote

import structlog

from ivr.agi_replies import BadEnvironment, Replies, Reply
from ivr.keypad import Keypad
from ivr.packs import Event
from models.errors import ActionRefused, NotAllowed, WinglineError

log = structlog.get_logger()

LONGEST_LINE = 8192
LONGEST_COMMAND = 2000  # Asterisk reads a command into 2048 bytes
MOST_LINES = 256
ENVIRONMENT_TIMEOUT = 5.0

# A key that no command has answered with by then was pressed before it began; a slow link is given more.
KEY_ANSWERED_SECONDS = 0.2
# A command that ends a file and is not answered by then was read together with the file's own.
STOP_AGAIN_SECONDS = 0.5

# 0 in a call to the helpline or the duty office: a session in the middle of a call, which a deadline would end.
BESIDE = "wl-staff-beside"

_STEP = {"Context": "agi_context", "Exten": "agi_extension", "Priority": "agi_priority"}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class CallerGone(WinglineError):
    """The call has left this session: hung up, timed out or sent elsewhere; there is nobody to speak to."""

    def __init__(self) -> None:
        super().__init__("the call has left this session")


@dataclass(frozen=True, slots=True)
class Script:
    """What the dialplan asked for: agi://host:port/<path>?<query>."""

    path: str
    query: Mapping[str, str]


def parse_script(request: str) -> Script:
    path, _, query = request.partition("?")
    return Script(unquote(path).strip("/"), MappingProxyType(dict(parse_qsl(query, keep_blank_values=True))))


def parse_environment(lines: list[str]) -> dict[str, str]:
    """A name said twice keeps its first value: a forged line can only come after Asterisk's own."""
    environment: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not name.startswith("agi_") or not (colon or line.endswith(":")):
            raise BadEnvironment("a line that does not begin with agi_")
        environment.setdefault(name.removesuffix(":"), value)
    if "agi_channel" not in environment or "agi_network_script" not in environment:
        raise BadEnvironment("no channel or no script")
    return environment


def quoted(word: str) -> str:
    """One word of a command, whatever is in it; a control character could begin another command."""
    if _CONTROL.search(word):
        raise NotAllowed("say this to Asterisk", "a word holds a control character")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Session:
    """One call as the dialplan handed it to us, until it hangs up, is sent elsewhere, or we let go."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, environment: dict[str, str]) -> None:
        self.environment: Mapping[str, str] = MappingProxyType(environment)
        self.script = parse_script(environment["agi_network_script"])
        self._reader = reader
        self._writer = writer
        self._replies = Replies()
        self._stopping: asyncio.Future[Reply] | None = None
        self.keypad = Keypad()
        # How long Asterisk took to answer a command that waits for nothing, in seconds.
        self._answered_in = 0.0
        self._gone = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    def __repr__(self) -> str:
        return "<Session>"

    @property
    def may_have_a_deadline(self) -> bool:
        return self.environment.get("agi_context") != BESIDE

    @property
    def owed_since(self) -> float | None:
        """See Replies.owed_since; nothing when all is answered, or the call has gone."""
        return None if self._gone.done() else self._replies.owed_since

    async def until_gone(self) -> None:
        """Ends when the call leaves, also while no command is under way."""
        await asyncio.wait({self._gone})

    def is_at(self, told: Event) -> bool:
        """Whether a channel of which Asterisk tells is at this session's step of the dialplan."""
        return all((told.get(theirs) or "") == (self.environment.get(ours) or "") for theirs, ours in _STEP.items())

    def let_go(self) -> None:
        """The call is elsewhere, although Asterisk has not said so here."""
        self._end()

    async def command(self, line: str) -> Reply:
        """One command as it is written; words from anywhere else go through quoted()."""
        if _CONTROL.search(line) or len(line.encode()) > LONGEST_COMMAND:
            raise NotAllowed("send a command", "it holds a control character or is too long for Asterisk")
        while self._stopping and not self._stopping.done() and not self._gone.done():
            # Two commands that arrive at once are one for Asterisk: it reads both, and looks for the second no more.
            await asyncio.wait({self._stopping, self._gone}, return_when=asyncio.FIRST_COMPLETED)
        if self._gone.done():
            raise CallerGone
        reply = self._send(line)
        await asyncio.wait({reply, self._gone}, return_when=asyncio.FIRST_COMPLETED)
        if not reply.done() or reply.result().code == 511:  # 511: not permitted on a dead channel
            raise CallerGone
        if reply.result().code >= 500:
            raise ActionRefused(_verb(line), str(reply.result().code))
        return reply.result()

    def key_told(self, key: str) -> None:
        """An event of Asterisk's says that the person pressed it; see ivr/keypads.py."""
        self.keypad.told(key)
        if self.keypad.unanswered:
            patience = KEY_ANSWERED_SECONDS + 2 * self._answered_in
            asyncio.get_running_loop().call_later(patience, self._stop_playing)

    async def stream_file(self, name: str, escape_digits: str = "") -> str:
        """The key that stopped it, or nothing."""
        return await self._key(f"STREAM FILE {quoted(name)} {quoted(escape_digits)}")

    async def wait_for_digit(self, milliseconds: int) -> str:
        return await self._key(f"WAIT FOR DIGIT {milliseconds:d}")

    async def record_file(self, name: str, *, escape_digits: str, milliseconds: int, silence_seconds: int) -> None:
        """Writes what the channel says to ``name``.wav, until a key, the end of the time or so long a silence.

        Only ivr/recorder.py may ask for it (tests/unit/test_recorder.py): nobody's call is ever recorded.
        """
        await self._key(
            f"RECORD FILE {quoted(name)} wav {quoted(escape_digits)} {milliseconds:d} s={silence_seconds:d}"
        )

    async def get_variable(self, name: str) -> str:
        """Nothing, when the channel has no such variable."""
        return (await self.command(f"GET VARIABLE {quoted(name)}")).data

    async def set_variable(self, name: str, value: str) -> None:
        asked = asyncio.get_running_loop().time()
        await self.command(f"SET VARIABLE {quoted(name)} {quoted(value)}")
        self._answered_in = asyncio.get_running_loop().time() - asked

    async def exec(self, app: str, *arguments: str) -> None:
        """Runs a dialplan application to its end."""
        if any("," in argument for argument in arguments):
            raise NotAllowed(f"run {app}", "a comma would begin another argument")
        await self._carried_out(f"EXEC {quoted(app)} {quoted(','.join(arguments))}")

    async def hang_up(self) -> None:
        with suppress(CallerGone):
            await self.command("HANGUP")

    async def close(self) -> None:
        """Gives the call back to the dialplan."""
        self._end()
        self._listening.cancel()
        await asyncio.wait({self._listening})

    def _stop_playing(self) -> None:
        """Who has pressed a key need not hear the file to its end: any command ends it, with no key and no reply."""
        if self.keypad.unanswered and self._replies.only_playing:
            self._stop()

    def _stop(self) -> None:
        """Again until it is answered: Asterisk looks no more for a command that it read with the one before."""
        if not self._gone.done():
            self._stopping = self._send("NOOP")
            asyncio.get_running_loop().call_later(STOP_AGAIN_SECONDS, self._stop_again, self._stopping)

    def _stop_again(self, stopping: asyncio.Future[Reply]) -> None:
        if not stopping.done():
            self._stop()

    def _send(self, line: str) -> asyncio.Future[Reply]:
        self._writer.write(f"{line}\n".encode())
        return self._replies.to(line)

    async def _key(self, line: str) -> str:
        reply = await self._carried_out(line)
        key = "" if reply.result == "0" else chr(int(reply.result))
        if key:
            self.keypad.answered(key)
        return key

    async def _carried_out(self, line: str) -> Reply:
        reply = await self.command(line)
        if reply.result in {"-1", "-2"}:
            # A missing prompt looks like a caller who hung up; only a live channel tells its status.
            await self.command("CHANNEL STATUS")
            raise ActionRefused(_verb(line), f"result {reply.result}")
        return reply

    async def _listen(self) -> None:
        """The only reader, so that a hang-up is seen in the middle of anything."""
        try:
            while (line := await _line(self._reader)) != "HANGUP":
                self._replies.take(line)
        except (OSError, EOFError, ValueError):
            log.debug("agi.ended")
        except BadEnvironment:
            log.warning("agi.garbled_reply")
        finally:
            self._end()

    def _end(self) -> None:
        """Lets go at once, whatever answer() is doing: until then Asterisk holds the channel in this session."""
        if not self._gone.done():
            self._gone.set_result(None)
        self._writer.close()


Answer = Callable[[Session], Awaitable[None]]


def _verb(line: str) -> str:
    return line.partition('"')[0].strip()


async def _line(reader: asyncio.StreamReader) -> str:
    raw = await reader.readline()
    if not raw.endswith(b"\n"):
        raise EOFError
    return raw.rstrip(b"\r\n").decode(errors="replace")


async def _read_environment(reader: asyncio.StreamReader) -> dict[str, str]:
    lines: list[str] = []
    while line := await _line(reader):
        lines.append(line)
        if len(lines) > MOST_LINES:
            raise BadEnvironment(f"more than {MOST_LINES} lines")
    return parse_environment(lines)


def is_asterisk(environment: Mapping[str, str], secret: str) -> bool:
    """The dialplan gives the secret as its argument; any program on this machine can reach the port."""
    return hmac.compare_digest(environment.get("agi_arg_1", "").encode(), secret.encode())


async def serve(host: str, port: int, answer: Answer, *, secret: str) -> asyncio.Server:
    return await serve_at(socket.create_server((host, port)), answer, secret=secret)


async def serve_at(door: socket.socket, answer: Answer, *, secret: str) -> asyncio.Server:
    """Calls answer with each call; when it returns or fails the dialplan goes on with the call."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ENVIRONMENT_TIMEOUT):
                environment = await _read_environment(reader)
        except (OSError, EOFError, ValueError, BadEnvironment) as failure:
            log.warning("agi.not_a_call", error=type(failure).__name__)
            writer.close()
            return
        if not is_asterisk(environment, secret):
            log.warning("agi.stranger")
            writer.close()
            return
        session = Session(reader, writer, environment)
        try:
            await answer(session)
        except CallerGone:
            log.debug("agi.caller_gone")
        except Exception as failure:  # noqa: BLE001  whatever it was, the dialplan must get its call back
            log.warning("agi.answer_failed", error=type(failure).__name__)
        finally:
            await session.close()

    return await asyncio.start_server(converse, sock=door, limit=LONGEST_LINE)
