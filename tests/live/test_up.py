"""`wingline up` as a site runs it: a process of its own, killed, stopped and started again."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from models import tables
from models.clock import now
from models.database import Database
from wingline.demo.prison import site_toml
from wingline.demo.world import free_ports
from wingline.doctor.examination import linked
from wingline.leftovers import left_running
from wingline.settings import Settings, read_secrets, speech_door
from wingline.watchdog import asterisk_answers, line_answers, speech_answers

WINGLINE = (sys.executable, "-c", "from wingline.cli import app; app()")


class Installation:
    """A data folder with a site, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        tcp = free_ports(4)
        sip = free_ports(1, socket.SOCK_DGRAM)[0]
        first = 32000 + 100 * (os.getpid() % 100)
        self.settings = Settings(
            data=folder / "site",
            ami_port=tcp[0],
            agi_port=tcp[1],
            speech_port=tcp[2],
            console_port=tcp[3],
            sip_port=sip,
            rtp_first=first,
            rtp_last=first + 98,
        )
        self.settings.data.mkdir()
        self.settings.site_file.write_text(site_toml(now()))
        self._out = folder / "out"
        self._started: list[subprocess.Popen[bytes]] = []

    def up(self) -> "subprocess.Popen[bytes]":
        with self._out.open("ab") as out:
            running = subprocess.Popen((*WINGLINE, "up"), stdout=out, stderr=out, env=os.environ | self.environment)
        self._started.append(running)
        return running

    @property
    def environment(self) -> dict[str, str]:
        return {f"WINGLINE_{name.upper()}": str(value) for name, value in self.settings.model_dump().items()}

    def types(self, *words: str) -> str:
        """What a command of somebody at the machine prints."""
        variables = {f"WINGLINE_{name.upper()}": str(value) for name, value in self.settings.model_dump().items()}
        done = subprocess.run(
            (*WINGLINE, *words), env=os.environ | variables, capture_output=True, timeout=60, check=False
        )
        return done.stdout.decode()

    def says(self, words: str, within: float = 40.0) -> bool:
        return until(lambda: words in self.said, within)

    @property
    def said(self) -> str:
        return self._out.read_text()

    def programs(self) -> set[int]:
        return set(left_running(self.settings))

    def line(self) -> int | None:
        lines = (pid for pid in self.programs() if b"wingline.line" in Path(f"/proc/{pid}/cmdline").read_bytes())
        return next(lines, None)

    def end(self) -> None:
        for running in self._started:
            running.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.wait(15)
            running.kill()
        for pid in self.programs():
            os.kill(pid, signal.SIGKILL)


def until(is_so: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.end()


def test_up_proves_itself_refuses_a_second_and_ends_everything_in_order(installation: Installation) -> None:
    running = installation.up()
    assert installation.says("Up. The console: http://127.0.0.1:"), installation.said
    assert "Missing for production:" in installation.said
    assert len(installation.programs()) == 3

    second = installation.up()
    assert second.wait(20) == 1
    assert f"already up (process {running.pid})" in installation.said

    running.send_signal(signal.SIGTERM)
    assert running.wait(15) == 0
    assert not installation.programs()


def test_told_to_stop_while_it_speaks_prompts_it_ends_before_the_rest_of_them(installation: Installation) -> None:
    """A first start speaks for minutes; systemd kills after half of one."""
    installation.settings.prompts = installation.settings.data / "prompts"
    running = installation.up()
    assert until(lambda: any(installation.settings.prompts.rglob("*.wav")), 180), installation.said

    running.send_signal(signal.SIGTERM)

    assert running.wait(60) == 0
    assert not (installation.settings.prompts / "manifest.json").exists()


def test_a_hung_line_is_killed_and_back_within_seconds(installation: Installation) -> None:
    installation.up()
    assert installation.says("Up."), installation.said
    hung = installation.line()
    assert hung

    os.kill(hung, signal.SIGSTOP)
    stopped = time.monotonic()

    assert until(lambda: not Path(f"/proc/{hung}/cmdline").exists(), 6.0)
    assert time.monotonic() - stopped < 5.5
    assert until(lambda: installation.line() is not None, 5.0)


def test_what_a_killed_supervisor_left_running_is_ended_before_the_new_start(installation: Installation) -> None:
    killed = installation.up()
    assert installation.says("Up."), installation.said
    before = installation.programs()
    killed.kill()
    killed.wait()
    assert installation.programs() == before

    installation.up()

    assert installation.says("ended what a killed wingline up had left running"), installation.said
    assert until(lambda: installation.said.count("Up.") == 2, 40.0), installation.said
    assert len(installation.programs()) == 3
    assert not installation.programs() & before


def test_new_secrets_are_asked_for_at_every_door_within_seconds(installation: Installation) -> None:
    settings = installation.settings
    installation.up()
    assert installation.says("Up."), installation.said
    before, asterisk = read_secrets(settings.data), installation.programs()

    done = installation.types("secrets", "rotate", "--json")

    facts = json.loads(done.splitlines()[-1])
    assert facts["asterisk_told"]
    assert set(facts["started_again"]) == {"line", "speech"}
    after = read_secrets(settings.data)
    assert {name for name in before if before[name] == after[name]} == {"apart"}
    assert until(lambda: asyncio.run(_all_answer(settings)), 30.0)
    assert len(asterisk & installation.programs()) == 1, "Asterisk goes on, and its calls"
    # Asterisk knows the new secrets of speech and of the line.
    assert asyncio.run(_a_call_is_heard(settings))
    assert asyncio.run(_a_caller_is_taken(settings))


async def _all_answer(settings: Settings) -> bool:
    proofs = (asterisk_answers, speech_answers, line_answers)
    return all(await asyncio.gather(*(proof(settings) for proof in proofs)))


async def _a_caller_is_taken(settings: Settings) -> bool:
    async with linked(settings) as ami:
        await ami.act("Originate", Channel="Local/s@wl-call/n", Application="Wait", Data="5", Async="true")
        with closing(Database(settings.database_url)) as database:
            for _ in range(50):
                if database.do(lambda session: session.scalar(select(func.count()).select_from(tables.Call))):
                    return True
                await asyncio.sleep(0.1)
    return False


async def _a_call_is_heard(settings: Settings) -> bool:
    sound = settings.prompts / "en" / "line" / "name"
    async with (
        asyncio.timeout(10),
        linked(settings) as ami,
        connect(speech_door(settings).url("/flags"), subprotocols=[Subprotocol("flags")]) as flags,
    ):
        to_speech = "WebSocket/wl_speech/c(slin16)v(call=rotated)"
        await ami.act("Originate", Channel=to_speech, Application="Playback", Data=str(sound), Async="true")
        return bool(json.loads(await flags.recv()) == {"event": "hearing", "call": "rotated"})
