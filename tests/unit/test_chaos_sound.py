"""Sound alone is taken from a call: at the sockets of another process, and at no other of it."""

import asyncio
import socket
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import cast

import pytest

from wingline.chaos.faults.sound import RtpLost
from wingline.chaos.history import Cut
from wingline.chaos.prison import Prison
from wingline.chaos.recorder import Clock
from wingline.chaos.udp import udp_sockets
from wingline.phones.signalling import SipMessage

pytestmark = pytest.mark.anyio
# Says on which ports it hears, and then each port that something came to.
HEARS = """
import select, socket
doors = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
for door in doors:
    door.bind(("127.0.0.1", 0))
print(*(door.getsockname()[1] for door in doors), flush=True)
while True:
    for door in select.select(doors, [], [])[0]:
        door.recv(100)
        print(door.getsockname()[1], flush=True)
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hearer:
    """Another process, with two UDP sockets."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", HEARS], stdout=subprocess.PIPE, text=True)
        self.sound, self.other = (int(port) for port in self.said().split())

    def said(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def hearers() -> Iterator[Callable[[], Hearer]]:
    started: list[Hearer] = []

    def start() -> Hearer:
        started.append(Hearer())
        return started[-1]

    yield start
    for one in started:
        one.end()


def send(*ports: int) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        for port in ports:
            sender.sendto(b"sound", ("127.0.0.1", port))


def test_what_comes_to_one_socket_of_another_process_is_thrown_away(hearers: Callable[[], Hearer]) -> None:
    hearer = hearers()
    (one,) = udp_sockets(hearer.process.pid, hearer.sound)

    assert one.lets_nothing_in()
    send(hearer.sound, hearer.other)
    assert int(hearer.said()) == hearer.other
    assert one.dropped() == 1
    assert one.lets_all_in()
    send(hearer.sound)
    assert int(hearer.said()) == hearer.sound
    assert one.dropped() == 1


def test_who_has_ended_has_no_socket_and_is_told_nothing(hearers: Callable[[], Hearer]) -> None:
    hearer = hearers()
    (one,) = udp_sockets(hearer.process.pid, hearer.sound)
    hearer.end()

    assert udp_sockets(hearer.process.pid, hearer.sound) == []
    assert (one.lets_nothing_in(), one.lets_all_in(), one.dropped()) == (False, False, 0)


# ---- the fault


@dataclass
class APhone:
    in_call: bool = True
    signalling: deque[SipMessage] = field(default_factory=deque)

    def says(self, port: int, *, sent: bool) -> None:
        text = f"SIP/2.0 200 OK\nCSeq: 1 INVITE\n\nv=0\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/AVP 0\na=ptime:20"
        self.signalling.append(SipMessage(0.0, sent, text))


@dataclass
class AProgram:
    pid: int | None


@dataclass
class ANode:
    asterisk_program: AProgram


@dataclass
class ARecorder:
    who: str
    phone: APhone


class APrison:
    """One phone and one Asterisk, each with two sockets, and what they agreed on."""

    def __init__(self, phone: Hearer, asterisk: Hearer) -> None:
        self.phone, self.asterisk = phone, asterisk
        self.nodes = [ANode(AProgram(None)), ANode(AProgram(asterisk.process.pid))]
        self.recorders = [ARecorder("Kestrel", APhone())]
        self.clock = Clock()
        self.cuts: list[Cut] = []
        self.recorders[0].phone.says(phone.other, sent=True)
        self.recorders[0].phone.says(phone.sound, sent=True)
        self.recorders[0].phone.says(asterisk.sound, sent=False)
        self.recorders[0].phone.signalling.append(SipMessage(0.0, sent=False, text="BYE sip:x SIP/2.0\n\n"))

    def process_of(self, phone: APhone) -> int:
        del phone
        return self.phone.process.pid

    def loses(self, *, deaf: bool, mute: bool) -> RtpLost:
        """The fault whose chance chose this."""
        ways = (RtpLost(cast("Prison", self), 0, Random(seed)) for seed in range(100))
        return next(one for one in ways if (one._deaf, one._mute) == (deaf, mute))

    def dropped(self) -> dict[str, int]:
        there = {"phone": self.phone, "asterisk": self.asterisk}
        return {who: udp_sockets(one.process.pid, one.sound)[0].dropped() for who, one in there.items()}


@pytest.fixture
async def prison(hearers: Callable[[], Hearer]) -> AsyncIterator[APrison]:
    """In which sound comes to both all the time."""
    made = APrison(hearers(), hearers())

    async def sounds() -> None:
        while True:
            send(made.phone.sound, made.phone.other, made.asterisk.sound, made.asterisk.other)
            await asyncio.sleep(0.01)

    sounding = asyncio.create_task(sounds())
    yield made
    sounding.cancel()
    await asyncio.wait({sounding})


@pytest.mark.parametrize(("deaf", "mute"), [(True, False), (False, True), (True, True)])
async def test_sound_is_lost_the_way_that_was_chosen_and_noted_for_as_long_as_it_was(
    prison: APrison, *, deaf: bool, mute: bool
) -> None:
    fault = prison.loses(deaf=deaf, mute=mute)

    assert await fault.inject()
    assert {who: lost > 0 for who, lost in prison.dropped().items()} == {"phone": deaf, "asterisk": mute}
    assert prison.cuts == []
    await fault.heal()
    lost = prison.dropped()
    await asyncio.sleep(0.1)
    assert prison.dropped() == lost
    (cut,) = prison.cuts
    assert (cut.who, cut.deaf, cut.mute) == ("Kestrel", deaf, mute)
    assert 0 <= cut.began < cut.over


async def test_a_phone_that_is_in_no_call_has_no_sound_to_lose(prison: APrison) -> None:
    prison.recorders[0].phone.in_call = False
    fault = prison.loses(deaf=True, mute=True)

    assert not await fault.inject()
    await fault.heal()
    assert (prison.cuts, prison.dropped()) == ([], {"phone": 0, "asterisk": 0})


async def test_where_nothing_was_lost_nothing_counts_and_nothing_stays_cut(hearers: Callable[[], Hearer]) -> None:
    prison = APrison(hearers(), hearers())
    fault = prison.loses(deaf=True, mute=False)

    assert not await fault.inject()
    await fault.heal()
    send(prison.phone.sound)
    assert int(prison.phone.said()) == prison.phone.sound
    assert prison.cuts == []


async def test_of_two_ways_the_one_on_which_nothing_came_is_not_cut(hearers: Callable[[], Hearer]) -> None:
    prison = APrison(hearers(), hearers())
    fault = prison.loses(deaf=True, mute=True)
    hitting = asyncio.create_task(fault.inject())
    while not hitting.done():
        send(prison.asterisk.sound)
        await asyncio.sleep(0.01)

    assert hitting.result()
    send(prison.phone.sound)
    assert prison.dropped()["phone"] == 0
    await fault.heal()
    assert [(cut.deaf, cut.mute) for cut in prison.cuts] == [(False, True)]


async def test_a_call_that_ends_meanwhile_ends_the_fault_with_it(prison: APrison) -> None:
    fault = prison.loses(deaf=True, mute=False)
    assert await fault.inject()
    prison.phone.end()
    await fault.heal()

    assert len(prison.cuts) == 1
