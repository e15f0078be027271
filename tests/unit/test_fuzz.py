"""Whatever is written into a file, a socket or a phone's keys: no server falls, and a person is told what to do.

Short here; WINGLINE_FUZZ=200 tries two hundred times as much (docs/threats.md has what that found).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOON
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from escalation.profile_file import load, proposed
from ivr import agi, packs
from ivr import happenings as h
from ivr.agi import Session
from ivr.ami import Ami, Pace
from ivr.call import Rules, new_call
from ivr.flow import step
from listeners.apart import read_pairs
from listeners.csv_file import Known, decoded
from listeners.listeners_file import read_listeners
from listeners.movements import read_movements
from models.dangers import Danger
from models.errors import WinglineError
from models.words import CallId, CellId, Cover, Hearing, Language, ListenerId
from rota.exports import as_csv, as_spreadsheet, from_csv, from_spreadsheet
from rota.problem import Assigned
from speech.door import Door
from speech.gate import FRAME_BYTES
from speech.judge import Judge, Limits
from speech.listening import Means
from speech.recogniser import Heard
from speech.server import SpeechServer
from tests.fakes.asterisk import OPENS, AgiCall, ManagerPeer
from tests.fakes.line import with_exception_rule
from tests.unit.rotas import a_person, a_problem, nights
from wingline.people_file import PeopleFile
from wingline.site import read_site

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "docs/site-example.toml").read_bytes()
TIMES = int(os.environ.get("WINGLINE_FUZZ", "1"))
ENGLISH = Language("en")
RULES = Rules(with_exception_rule(Danger.MEDICAL), Hearing.ASK, frozenset({ENGLISH}), (ENGLISH,), ENGLISH)
KNOWN = Known(
    listeners={"robin": ListenerId("robin"), "wren": ListenerId("wren")},
    cells={"a-1-001": CellId("one"), "a-1-002": CellId("two")},
    zone=ZoneInfo("Europe/London"),
)
CHOICES = {
    "attempt_in_progress_refusing": "respect",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}


def often(examples: int) -> Callable[..., Callable[..., None]]:
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )


# What a slip of the hand, another program or somebody who tries things would write.
ODD = (
    b"", b"-1", b"0", b"1e999", b"nan", b"true", b"[]", b"{}", b'""', b"'", b'"', b"\\", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\r", b"\n\n", b",", b";", b"=", b"[[", b"]]", b"#", b"9" * 400, b"2026-02-30", b"0001-01-01",
    b"9999-12-31T23:59", b"../../etc/passwd", b"=1+1", "\u2028".encode(), "\U0001f426".encode(), b"x" * 3000,
)  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, original: bytes) -> bytes:
    """A file or a message that was right, with a few things done to it."""
    content = original
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.sampled_from([0, 1, 5, 40, 400])))
        put = draw(st.one_of(st.sampled_from(ODD), st.binary(max_size=12), st.just(content[begin:end] * 2)))
        content = content[:begin] + put + content[end:]
    return content


def said_in_words(read: Callable[[], object]) -> None:
    """Right, or an error for people: never another one, and never an empty one."""
    try:
        read()
    except WinglineError as error:
        assert len(str(error)) > 10  # noqa: PT017  it need not be raised


# ---- files


@often(120)
@example(content=EXAMPLE.replace(b'"uk-listener-adult"', b'"%s"' % (b"9" * 400)))
@example(content=EXAMPLE.replace(b'"Europe/London"', b'"%s"' % (b"9" * 400)))
@example(content=EXAMPLE + b"\xff")
@given(content=changed(EXAMPLE))
def test_any_site_file_is_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(content)

    said_in_words(lambda: read_site(file))


@often(100)
@given(content=changed((ROOT / "profiles/uk-listener-adult.toml").read_bytes()))
def test_any_profile_is_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "profile.toml"
    file.write_bytes(content)

    said_in_words(lambda: load(file, CHOICES))
    said_in_words(lambda: proposed(content.decode(errors="replace"), "profile", CHOICES))


MOVEMENTS = (
    b"code_name,kind,since,until,cell\nrobin,court,2026-12-01T09:00,2026-12-01,\nwren,cell_move,2026-12-02,,A-1-002\n"
)
PAIRS = b"prison_number,code_name,reason,role\nA1234BC,robin,court_order,caller\nA1234BD,wren,other,caller\n"
PEOPLE = b"cell,prison_number,preferred_name\nA-1-001,A1234BC,Sam\n"


@often(150)
@given(content=st.one_of(changed(MOVEMENTS), changed(PAIRS), changed(PEOPLE), st.binary(max_size=400)))
def test_any_file_of_an_office_is_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    for read in (read_movements, read_pairs, _read_listeners):
        said_in_words(lambda read=read: read(decoded(content), KNOWN))  # type: ignore[misc]
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with capture_logs():
        PeopleFile(file).who_lives_in("A-1-001")


def _read_listeners(text: str, known: Known) -> object:
    return read_listeners(text, known, now=datetime(2026, 11, 28, tzinfo=UTC))


ROTA = a_problem(nights(3, first=1, backup=1), a_person("robin", name="Robin"), a_person("wren", name="Wren"))
ON_IT = (Assigned(ROTA.slots[0].id, ListenerId("robin"), Cover.FIRST),)


@often(40)
@given(changed(as_csv(ROTA, ON_IT).encode()), changed(as_spreadsheet(ROTA, ON_IT)))
def test_any_rota_from_elsewhere_is_read_or_refused_in_words(table: bytes, book: bytes) -> None:
    said_in_words(lambda: from_csv(ROTA, decoded(table)))
    said_in_words(lambda: from_spreadsheet(ROTA, book))


# ---- keys


@often(60)
@given(st.lists(st.one_of(st.sampled_from("0123456789*#"), st.text(max_size=3), st.none()), max_size=60))
def test_a_hand_on_all_keys_at_once_never_loses_a_caller(mashed: Sequence[str | None]) -> None:
    call, orders = step(new_call(CallId("c"), RULES), h.CallerDialled(), NOON)
    assert orders
    for key in mashed:
        call, orders = step(call, h.CallerWasQuiet() if key is None else h.CallerPressed(key), NOON)
        assert orders, f"silence after {key!r} in {call.phase}"


# ---- Asterisk's two sockets


SESSION = f"agi_network: yes\nagi_network_script: caller\nagi_channel: PJSIP/p1-1\nagi_arg_1: {OPENS}\n\n200 result=1\n"
MANAGER = (
    b"Event: Hangup\r\nUniqueid: 1\r\nChannel: PJSIP/p1-1\r\n\r\nResponse: Success\r\nActionID: 1\r\nMessage: x\r\n\r\n"
)


@often(60)
@given(st.lists(st.one_of(changed(SESSION.encode()), st.binary(max_size=200)), min_size=1, max_size=4))
def test_any_bytes_at_the_line_leave_the_next_caller_their_session(strangers: Sequence[bytes]) -> None:
    asyncio.run(_strangers_and_then_a_call(strangers))


async def _strangers_and_then_a_call(strangers: Sequence[bytes]) -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    answered: asyncio.Queue[str] = asyncio.Queue()

    async def answer(session: Session) -> None:
        answered.put_nowait(await session.get_variable("WL_CALL"))

    with capture_logs():
        async with await agi.serve("127.0.0.1", 0, answer, secret=OPENS) as server:
            port = server.sockets[0].getsockname()[1]
            for said in strangers:
                async with AgiCall(port, lambda _: "") as stranger:
                    stranger.say(said)
                    stranger.say_no_more()
                    await stranger.until_let_go()
            while not answered.empty():
                answered.get_nowait()
            async with AgiCall(port, lambda _: "200 result=1 (call-1)\n") as call:
                call.begin()
                assert await asyncio.wait_for(answered.get(), 5) == "call-1"
    assert faults == []


@often(150)
@given(st.one_of(changed(MANAGER).map(lambda raw: raw.decode(errors="replace")), st.text(max_size=200)))
def test_any_pack_of_the_manager_is_something_or_nothing(pack: str) -> None:
    found = packs.parse(pack)

    assert found is None or isinstance(found, packs.Event | packs.Reply)
    assert "PJSIP" not in repr(found)


@often(3)
@given(st.lists(st.one_of(changed(MANAGER), st.binary(max_size=300)), min_size=1, max_size=3))
def test_any_bytes_of_the_manager_leave_a_link_or_make_a_new_one(said: Sequence[bytes]) -> None:
    async def run() -> None:
        with ManagerPeer() as peer, capture_logs():
            async with Ami("127.0.0.1", peer.port, "wingline", "s", pace=Pace(0.05, 0.3, 0.01, 0.02)) as ami:
                await _until(lambda: ami.connected)
                for raw in said:
                    with suppress(OSError):
                        peer.connections[-1].sendall(raw)
                await asyncio.sleep(0.02)
                # What half a pack may swallow is one answer: then the link is made anew.
                await _until(lambda: ami.connected)
                for _ in range(5):
                    with suppress(WinglineError):
                        assert (await ami.act("Ping", timeout=0.5)).ok
                        return
                    await _until(lambda: ami.connected)
                pytest.fail("the link never came back")

    asyncio.run(run())


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110  the link has no event for it
            await asyncio.sleep(0.005)


# ---- the ears


class Silent:
    """A recogniser that hears nothing in anything."""

    def hear(self, pcm: bytes) -> Heard:
        del pcm
        return Heard("", settled=False)

    def finish(self) -> Heard:
        return Heard("", settled=True)


MEANS = Means(Silent, lambda: lambda _frame: True, Judge(None, Limits(dict.fromkeys(Danger, 1.0), 0.0, 1.0)), None)
frames = st.one_of(
    st.binary(max_size=3 * FRAME_BYTES),
    st.sampled_from([b"\x01" * FRAME_BYTES, b"\xff" * 9000, b""]),
    st.text(max_size=80),
    st.sampled_from(
        ["MEDIA_START format:slin16", "MEDIA_START format:", "MEDIA_XOFF", '{"forget": "c1"}', '{"forget": 1}', "[]"]
    ),
)


@often(25)
@given(
    st.lists(frames, max_size=12),
    st.lists(frames, max_size=3),
    changed(b"GET /media?call=c1 HTTP/1.1\r\nHost: x\r\n\r\n"),
)
def test_any_frames_leave_the_ears_open_for_the_next_call(
    media: Sequence[bytes | str], flags: Sequence[bytes | str], stranger: bytes
) -> None:
    async def run() -> None:
        server = SpeechServer(MEANS, Door(0, "s"), most_calls=4)
        async with await server.open() as opened:
            door = Door(opened.sockets[0].getsockname()[1], "s")
            await _says(door, "/media?call=c1", media)
            await _says(door, "/flags", flags)
            await _raw(door.port, stranger)
            async with (
                asyncio.timeout(10),
                connect(door.url("/flags"), subprotocols=[Subprotocol("flags")]) as line,
                connect(door.url("/media?call=next"), subprotocols=[Subprotocol("media")]) as good,
            ):
                await good.send(b"\x01" * FRAME_BYTES)
                while '"call": "next"' not in str(await line.recv()):
                    continue
            await server.close()

    asyncio.run(run())


async def _says(door: Door, path: str, messages: Sequence[bytes | str]) -> None:
    with suppress(WebSocketException):
        async with connect(door.url(path), subprotocols=[Subprotocol(path[1:6])]) as socket:
            for message in messages:
                await socket.send(message)


async def _raw(port: int, said: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(OSError):
        writer.write(said)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
