"""Which command each of Asterisk's replies in a FastAGI session belongs to."""

import asyncio
import re
from collections import deque
from dataclasses import dataclass

from models.errors import WinglineError

OK = 200
PLAY = "STREAM FILE"
# These are answered at once; whatever else is asked is answered when it is over.
_AT_ONCE = ("SET VARIABLE", "GET VARIABLE", "CHANNEL STATUS", "NOOP", "HANGUP")

_REPLY = re.compile(r"(\d{3}) result=(-?[0-9*#]*)(?: \((.*)\))?( endpos=\d+)?")
_REFUSAL = re.compile(r"(5\d\d)([ -])(.*)")


class BadEnvironment(WinglineError):
    def __init__(self, complaint: str) -> None:
        super().__init__(f"this is not Asterisk speaking AGI: {complaint}")


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """Asterisk's answer to one command; it may hold a caller's number, so it has no useful repr.

    ``played``: it says how far a file was played, as only a file's own reply does.
    """

    code: int
    result: str
    data: str = ""
    played: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    reply: asyncio.Future[Reply]
    plays: bool
    at_once: bool
    second: float


class Replies:
    """They come in the order of the commands; a cancelled command keeps its place until its reply has passed."""

    def __init__(self) -> None:
        self._asked: deque[_Asked] = deque()
        self._refusal_goes_on = False

    @property
    def only_playing(self) -> bool:
        """A file is being played, and no command is there yet that ends it."""
        return len(self._asked) == 1 and self._asked[0].plays

    @property
    def owed_since(self) -> float | None:
        """The second (of the loop) at which the first command was sent that should have been answered at once."""
        return next((asked.second for asked in self._asked if asked.at_once), None)

    def to(self, line: str) -> asyncio.Future[Reply]:
        """The reply to a command that has just been sent."""
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = loop.create_future()
        at_once = line.startswith(_AT_ONCE)
        self._asked.append(_Asked(reply, plays=line.startswith(PLAY), at_once=at_once, second=loop.time()))
        return reply

    def take(self, line: str) -> None:
        """One line of Asterisk's. BadEnvironment when it is no reply, or a reply to nothing."""
        refusal = _REFUSAL.fullmatch(line)
        if self._refusal_goes_on and not (refusal and refusal[2] == " "):
            return  # the usage text between "520-" and "520 "
        if refusal:
            self._refusal_goes_on = refusal[2] == "-"
            if not self._refusal_goes_on:
                self._answer(Reply(int(refusal[1]), "", refusal[3]))
        elif not (match := _REPLY.fullmatch(line)):
            if not line.startswith("100 "):  # 100: trying, the reply comes later
                raise BadEnvironment("a reply that is none")
        else:
            self._answer(Reply(int(match[1]), match[2], match[3] or "", played=bool(match[4])))

    def _answer(self, reply: Reply) -> None:
        if not self._asked:
            raise BadEnvironment("a reply to nothing")
        asked = self._asked.popleft()
        if asked.plays and self._asked and reply.code == OK and not reply.played:
            # The next command ended the file, which has no reply of its own then (res_agi.c, handle_streamfile).
            _resolve(asked, Reply(OK, "0"))
            asked = self._asked.popleft()
        _resolve(asked, reply)


def _resolve(asked: _Asked, reply: Reply) -> None:
    if not asked.reply.done():
        asked.reply.set_result(reply)
