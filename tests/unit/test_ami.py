"""The manager link holds where asterisk-ami alone was seen to fail; each such failure is shown first."""

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import pytest
from asterisk.ami import AMIClient, AutoReconnect
from asterisk.ami.action import SimpleAction
from asterisk.ami.event import Event as RawEvent
from structlog.testing import capture_logs

from ivr import ami as edge
from ivr.ami import Ami, Event, Pace, compose
from ivr.packs import parse
from models.errors import ActionRefused, AskersFault, NotConnected
from tests.fakes.asterisk import ManagerPeer, field_of, success

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]
QUICK = Pace(ping_every=0.05, ping_deadline=0.1, first_pause=0.01, longest_pause=0.05)
RARELY_PINGING = Pace(ping_every=10, ping_deadline=0.1, first_pause=0.01, longest_pause=0.05)
RINGING = "Event: Newstate\r\nChannel: PJSIP/listener-1\r\n\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def peer() -> Iterator[ManagerPeer]:
    with ManagerPeer() as manager:
        yield manager


class Line:
    """An Ami with a list of all that came out of it."""

    def __init__(self, peer: ManagerPeer, pace: Pace = QUICK) -> None:
        self.ami = Ami("127.0.0.1", peer.port, "line", "a-secret", pace=pace)
        self.ami.on_up = self.came_up
        self.ami.on_down = self.went_down
        self.ami.subscribe(self.events_append)
        self.ups: list[float] = []
        self.downs: list[float] = []
        self.events: list[Event] = []

    def events_append(self, event: Event) -> None:
        self.events.append(event)

    async def came_up(self) -> None:
        self.ups.append(time.monotonic())

    async def went_down(self) -> None:
        self.downs.append(time.monotonic())

    async def __aenter__(self) -> Self:
        await self.ami.start()
        await eventually(lambda: self.ups)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ami.stop()


async def eventually(is_so: Callable[[], object], within: float = 2.0) -> None:
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110  what threads do has no asyncio.Event
            await asyncio.sleep(0.005)


def wait_until(is_so: Callable[[], object], within: float = 2.0) -> None:
    asyncio.run(eventually(is_so, within))


def client_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if "listen" in one.name or "ami-writer" in one.name}


def logged_in_raw_client(peer: ManagerPeer, timeout: float = 2.0, **listeners: object) -> AMIClient:
    client = AMIClient("127.0.0.1", peer.port, timeout=timeout, **listeners)
    assert client.login("line", "a-secret").response.status == "Success"
    return client


def close_raw_client(peer: ManagerPeer, client: AMIClient) -> None:
    peer.hang_up()
    client.disconnect()


# Quiet


def test_raw_a_quiet_asterisk_is_taken_for_a_dead_one(peer: ManagerPeer) -> None:
    lost: list[object] = []
    client = logged_in_raw_client(peer, 0.2, on_disconnect=lambda error, **_: lost.append(error))

    wait_until(lambda: lost)
    close_raw_client(peer, client)

    assert isinstance(lost[0], TimeoutError)


async def test_a_quiet_asterisk_keeps_its_connection(peer: ManagerPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "OPEN_TIMEOUT", 0.2)
    async with Line(peer, RARELY_PINGING) as line:
        await asyncio.sleep(0.5)

        assert (line.ami.connected, line.downs, len(peer.connections)) == (True, [], 1)


# Callbacks that raise


def test_raw_a_raising_callback_ends_the_reading(peer: ManagerPeer) -> None:
    peer.booted = ""
    heard: list[str] = []

    def fail(event: RawEvent, **_: object) -> None:
        heard.append(event.name)
        raise LookupError

    client = logged_in_raw_client(peer, on_event=fail)
    peer.say(RINGING + RINGING)
    wait_until(lambda: not client._thread.is_alive())
    close_raw_client(peer, client)

    assert heard == ["Newstate"]


async def test_a_raising_callback_deafens_nobody(peer: ManagerPeer) -> None:
    async with Line(peer) as line:
        on_threads: list[bool] = []
        line.ami._subscribers.insert(0, lambda event: on_threads.append(bool(1 / 0)) if event else None)
        line.ami.subscribe(lambda _: on_threads.append(threading.current_thread() is threading.main_thread()))
        with capture_logs() as logs:
            peer.say(RINGING + RINGING)
            await eventually(lambda: len(line.events) == 2)

        assert on_threads == [True, True]
        assert {entry["error"] for entry in logs} == {"ZeroDivisionError"}
        assert "listener-1" not in str(logs)


# Injection

INJECTED = "PJSIP/1\r\nApplication: System"


def test_raw_a_line_break_injects_a_field(peer: ManagerPeer) -> None:
    client = logged_in_raw_client(peer)
    client.send_action(SimpleAction("Originate", Channel=INJECTED))
    wait_until(lambda: peer.actions("Originate"))
    close_raw_client(peer, client)

    assert field_of(peer.actions("Originate")[0], "Application") == "System"


@pytest.mark.parametrize("bad", ["\r\nA: b", "\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028"])
async def test_a_control_character_is_refused_before_anything_is_sent(peer: ManagerPeer, bad: str) -> None:
    async with Line(peer, RARELY_PINGING) as line:
        with pytest.raises(AskersFault, match="control"):
            await line.ami.act("Originate", Channel=f"PJSIP/1{bad}")
        with pytest.raises(AskersFault, match="control"):
            await line.ami.act("Originate", variables={"A": bad})

        assert len(peer.received) == 1  # the log-in


@pytest.mark.parametrize("name", ["A: b\r\nC", "", "A=B", "A,B", "A\n"])
def test_a_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(AskersFault):
        compose("Originate", {name: "1"}, {})
    with pytest.raises(AskersFault):
        compose("Originate", {}, {name: "1"})


def test_what_asterisk_would_answer_without_saying_to_whom_is_refused() -> None:
    with pytest.raises(AskersFault, match="1000 bytes"):
        compose("Originate", {"Data": "é" * 600}, {})
    with pytest.raises(AskersFault, match="100 lines"):
        compose("Originate", {}, {f"A{n}": "1" for n in range(101)})


# Variables


def test_raw_a_list_of_variables_is_sent_as_its_repr() -> None:
    assert "Variable: ['A=1', 'B=2']" in str(SimpleAction("Originate", Variable=["A=1", "B=2"]))


def test_every_variable_is_sent_and_none_begins_another() -> None:
    sent = str(compose("Originate", {}, {"A": "1,B=2", "__C": '"(\\'}))

    assert sent == 'Action: Originate\r\nVariable: A=1\\,B=2\r\nVariable: __C=\\"\\(\\\\\r\n'


# What Asterisk says

TWICE = "Event: Status\r\nVariable: a=1\r\nVariable: b=2\r\nEmpty: \r\nBare:"
FORGED = "Event: Newstate\r\nCallerIDName: x\u2028Channel: PJSIP/forged\r\nUniqueid: 1"


def test_raw_a_repeated_key_overwrites_and_a_value_forges_a_key() -> None:
    assert RawEvent.read(TWICE).keys["Variable"] == "b=2"
    assert RawEvent.read(FORGED).keys["Channel"] == "PJSIP/forged"


def test_a_repeated_key_keeps_every_value_and_no_value_forges_a_key() -> None:
    twice, forged = parse(TWICE), parse(FORGED)

    assert isinstance(twice, Event)
    assert isinstance(forged, Event)
    assert (twice["variable"], twice.all("Variable"), twice.get("Empty", "?")) == ("a=1", ("a=1", "b=2"), "")
    assert (forged.get("Channel"), forged["UniqueID"]) == ("", "1")


@pytest.mark.parametrize("pack", ["", "\r\n", "nonsense", "Pong: 1", ":", "\x00\xff: \r\n: :"])
def test_nonsense_is_nothing(pack: str) -> None:
    assert parse(pack) is None


def test_what_asterisk_said_stays_out_of_every_repr() -> None:
    assert "forged" not in repr(parse(FORGED))
    assert "secret" not in repr(parse("Response: Error\r\nMessage: secret"))


# Loss and return


def test_raw_auto_reconnect_never_recovers_from_a_stall(peer: ManagerPeer) -> None:
    told: list[str] = []
    client = AMIClient("127.0.0.1", peer.port, timeout=0.1)
    again = AutoReconnect(client, delay=0.02, on_disconnect=lambda *_: told.append("lost"))
    again.on_reconnect = lambda *_: told.append("back")
    client.login("line", "a-secret")
    wait_until(lambda: peer.received)
    peer.stalled.set()
    wait_until(lambda: "lost" in told)
    peer.stalled.clear()
    time.sleep(0.5)
    again.finished.set()
    again.join()
    close_raw_client(peer, client)

    assert "back" not in told
    assert len(peer.connections) == 1


async def test_a_stall_is_noticed_and_a_new_connection_made(peer: ManagerPeer) -> None:
    async with Line(peer) as line:
        peer.stalled.set()
        await eventually(lambda: line.downs, within=0.4)
        peer.stalled.clear()
        await eventually(lambda: len(line.ups) == 2, within=4)
        peer.say(RINGING)
        await eventually(lambda: line.events)

        assert line.ami.connected
        assert len(peer.connections) >= 2


@pytest.mark.slow
async def test_a_link_is_not_given_up_because_we_stood_still_ourselves(peer: ManagerPeer) -> None:
    """As when the whole machine does: the answer to a ping comes after its time, and nobody has looked for it."""
    stands_still = ctypes.PyDLL(None).usleep  # nothing else of this process goes on meanwhile
    stood: list[float] = []

    def answer(pack: str) -> str:
        if pack.startswith("Action: Ping") and len(stood) < 3:
            stood.append(time.monotonic())
            stands_still(600_000)
        return success(pack)

    peer.answer = answer
    async with Line(peer) as line:
        await eventually(lambda: len(stood) == 3, within=10)
        await eventually(lambda: len(peer.actions("Ping")) > 5, within=10)

        assert line.downs == []
        assert len(peer.connections) == 1


async def test_who_always_stands_still_gives_a_silent_link_up_all_the_same(
    peer: ManagerPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "STOOD_STILL", -1e6)
    peer.answer = lambda pack: "" if pack.startswith("Action: Ping") else success(pack)
    async with Line(peer) as line:
        await eventually(lambda: line.downs, within=20)
        assert len(peer.actions("Ping")) == edge.PINGS_AT_MOST


async def test_a_hang_up_is_noticed_at_once_and_fails_what_is_under_way(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: success(pack) if pack.startswith("Action: Login") else ""
    async with Line(peer, RARELY_PINGING) as line:
        under_way = asyncio.create_task(line.ami.act("Originate"))
        await eventually(lambda: peer.actions("Originate"))
        peer.hang_up()

        with pytest.raises(NotConnected):
            await asyncio.wait_for(under_way, 0.5)
        await eventually(lambda: len(line.ups) == 2)


async def test_nothing_is_sent_while_down() -> None:
    with pytest.raises(NotConnected):
        await Ami("127.0.0.1", 1, "line", "a-secret").act("Ping")


async def test_an_asterisk_that_is_still_starting_is_not_up_yet(peer: ManagerPeer) -> None:
    booted, peer.booted = peer.booted, ""
    async with Ami("127.0.0.1", peer.port, "line", "a-secret", pace=QUICK) as ami:
        await eventually(lambda: peer.actions("Login"))
        await asyncio.sleep(0.2)
        early = ami.connected
        peer.say(booted)
        await eventually(lambda: ami.connected)

    assert not early


async def test_on_up_may_act_and_its_failure_begins_again(peer: ManagerPeer) -> None:
    line = Line(peer)
    tries: list[str] = []

    async def rebuild() -> None:
        tries.append((await line.ami.act("Ping")).message)
        await line.came_up()
        if len(tries) < 3:
            raise LookupError

    line.ami.on_up = rebuild
    async with line:
        await eventually(lambda: len(tries) == 3)
        await asyncio.sleep(0.1)

        assert (len(tries), line.ami.connected, len(line.downs)) == (3, True, 2)


@pytest.mark.parametrize("greeting", ["SSH-2.0-OpenSSH\r\n", "", "x" * 70000 + "\r\n"])
async def test_a_stranger_at_the_port_is_left_and_tried_again(greeting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "OPEN_TIMEOUT", 0.1)
    with ManagerPeer(greeting=greeting, answer=lambda _: "") as peer, capture_logs() as logs:
        async with Ami("127.0.0.1", peer.port, "line", "a-secret", pace=QUICK) as ami:
            await eventually(lambda: len(peer.connections) > 2)

            assert not ami.connected
    assert "a-secret" not in str(logs)


async def test_a_refused_log_in_is_tried_again_and_logged_without_the_secret(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: success(pack).replace("Success", "Error")
    with capture_logs() as logs:
        async with Ami("127.0.0.1", peer.port, "line", "a-secret", pace=QUICK) as ami:
            await eventually(lambda: len(peer.connections) > 2)

            assert not ami.connected
    assert {entry["error"] for entry in logs} == {"ActionRefused"}
    assert "a-secret" not in str(logs)


async def test_stopping_leaves_no_thread_and_no_task(peer: ManagerPeer) -> None:
    tasks = asyncio.all_tasks()
    # Those of the test before this one may end meanwhile.
    before = client_threads()
    async with Line(peer):
        assert client_threads() - before

    await eventually(lambda: not client_threads() - before)
    assert asyncio.all_tasks() == tasks


async def test_stopping_at_the_moment_of_a_loss_ends_all_the_same(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: success(pack) if pack.startswith("Action: Login") else ""
    async with asyncio.timeout(1), Line(peer, RARELY_PINGING) as line:
        under_way = asyncio.create_task(line.ami.act("Command", Command="core stop now"))
        await eventually(lambda: peer.actions("Command"))
        peer.hang_up()
        with pytest.raises(NotConnected):
            await under_way


# Acting


async def test_the_loop_goes_on_while_an_answer_is_awaited(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: "" if pack.startswith("Action: Originate") else success(pack)
    async with Line(peer, RARELY_PINGING) as line:
        asked = asyncio.create_task(line.ami.act("Originate", timeout=0.2))
        ticks = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            ticks += 1

        with pytest.raises(NotConnected):
            asked.result()
        assert ticks > 10


async def test_a_refusal_says_what_was_refused(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: success(pack).replace("Success", "Error") if "Hangup" in pack else success(pack)
    async with Line(peer) as line:
        with pytest.raises(ActionRefused, match="refused Hangup: done"):
            await line.ami.act("Hangup", Channel="PJSIP/1")


async def test_every_answer_reaches_its_asker(peer: ManagerPeer) -> None:
    peer.answer = lambda pack: success(pack).replace("done", field_of(pack, "Data") or "done")
    async with Line(peer) as line:
        replies = await asyncio.gather(*(line.ami.act("Echo", Data=n) for n in range(200)))

        assert [reply.message for reply in replies] == [str(n) for n in range(200)]
        assert [field_of(pack, "Data") for pack in peer.actions("Echo")] == [str(n) for n in range(200)]


async def test_a_list_is_its_own_rows_and_nobody_elses(peer: ManagerPeer) -> None:
    def rows(pack: str) -> str:
        if not pack.startswith("Action: CoreShowChannels"):
            return success(pack)
        mine = f"ActionID: {field_of(pack, 'ActionID')}\r\n"
        row = "Event: CoreShowChannel\r\n{}Channel: {}\r\n\r\n"
        return (
            success(pack)
            + row.format(mine, "PJSIP/1")
            + row.format("ActionID: 0\r\n", "PJSIP/theirs")
            + row.format(mine, "PJSIP/2")
            + f"Event: CoreShowChannelsComplete\r\n{mine}\r\n"
        )

    peer.answer = rows
    async with Line(peer) as line:
        found = await line.ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")

        assert [event["Channel"] for event in found] == ["PJSIP/1", "PJSIP/2"]
        assert [event["Channel"] for event in line.events] == ["PJSIP/theirs"]
