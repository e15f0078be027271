"""Is a program alive that has not ended: asked over its own port, and killed when it says nothing twice."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog

from wingline.children import Child
from wingline.settings import Settings, read_secrets

log = structlog.get_logger()

# Together below 5 s: a pause, and two questions without an answer.
PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 2.0
QUESTIONS = 2
# Loading the model and the libraries on a slow machine is not hanging.
START_SECONDS = 30.0
LONGEST_START_SECONDS = 240.0
START_PAUSE_SECONDS = 0.1

Proof = Callable[[], Awaitable[bool]]

# A session for a script that does not exist: the line reads it and closes, without a warning and without a call.
_AGI_QUESTION = "agi_network: yes\nagi_network_script: alive\nagi_channel: none\nagi_arg_1: {secret}\n\n"


async def answers(port: int, question: bytes, answer: bytes) -> bool:
    """Whether what listens there answers as it should; a stopped process still accepts, but says nothing."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(question)
                return (await reader.read(200)).startswith(answer)
            finally:
                writer.close()
    except OSError:  # TimeoutError is one
        return False


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


async def line_answers(settings: Settings) -> bool:
    """Its two edges: the calls' and the console's."""
    calls, console = await asyncio.gather(
        answers(settings.agi_port, _AGI_QUESTION.format(secret=read_secrets(settings.data)["agi"]).encode(), b""),
        answers(settings.console_port, _get("/healthz"), b"HTTP/1.1 200"),
    )
    return calls and console


async def speech_answers(settings: Settings) -> bool:
    return await answers(settings.speech_port, _get("/"), b"HTTP/1.1 404")


async def asterisk_answers(settings: Settings) -> bool:
    return await answers(settings.ami_port, b"", b"Asterisk Call Manager")


def patience_after(*, came_up: bool, before: float) -> float:
    """How long the next start may take: twice as long after one that was killed before it had come up.

    On a machine that is too busy every start that is killed makes the next one slower, and none would ever end.
    """
    return START_SECONDS if came_up else min(2 * before, LONGEST_START_SECONDS)


async def watch(child: Child, proof: Proof) -> None:
    """Kills the child when it hangs; whoever keeps it running starts it again."""
    patience = START_SECONDS
    while True:
        pid = child.pid
        if pid is not None:
            came_up = await _comes_up(child, pid, proof, patience)
            await _until_silent(child, pid, proof)
            if child.pid == pid:
                log.error("child.hung", child=child.name)
                await child.stop(signal.SIGKILL)
                patience = patience_after(came_up=came_up, before=patience)
        await asyncio.sleep(PAUSE_SECONDS)


async def _comes_up(child: Child, pid: int, proof: Proof, patience: float) -> bool:
    """False when it has ended, or never came up in that time, for then it hangs as well."""
    deadline = asyncio.get_running_loop().time() + patience
    while child.pid == pid and asyncio.get_running_loop().time() < deadline:
        if await proof():
            return True
        await asyncio.sleep(START_PAUSE_SECONDS)
    return False


async def _until_silent(child: Child, pid: int, proof: Proof) -> None:
    silent = 0
    while child.pid == pid and silent < QUESTIONS:
        silent = 0 if await proof() else silent + 1
        if not silent:
            await asyncio.sleep(PAUSE_SECONDS)
