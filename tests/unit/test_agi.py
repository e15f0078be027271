"""A call in a FastAGI session: what may be said to it, and what becomes of it when anything goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr import agi
from ivr.agi import CallerGone, Session, parse_environment, parse_script, quoted
from ivr.agi_replies import BadEnvironment
from models.errors import ActionRefused, AskersFault
from tests.fakes.asterisk import OPENS, AgiCall

pytestmark = pytest.mark.anyio
BEGUN = f"agi_network_script: x\nagi_channel: y\nagi_arg_1: {OPENS}\n\n".encode()
Act = Callable[[Session], Awaitable[object]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Desk:
    """Answers every call with one act, and keeps what came of it."""

    def __init__(self) -> None:
        self.outcomes: asyncio.Queue[object] = asyncio.Queue()
        self.act: Act = Session.until_gone
        self.port = 0

    async def answer(self, session: Session) -> None:
        try:
            self.outcomes.put_nowait(await self.act(session))
        except Exception as failure:
            self.outcomes.put_nowait(failure)
            raise

    async def outcome(self) -> object:
        return await asyncio.wait_for(self.outcomes.get(), 2)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    one = Desk()
    server = await agi.serve("127.0.0.1", 0, one.answer, secret=OPENS)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()
    await server.wait_closed()


async def tell(desk: Desk, act: Act, answer: Callable[[str], str]) -> tuple[object, list[str]]:
    desk.act = act
    async with AgiCall(desk.port, answer) as call:
        call.begin()
        outcome = await desk.outcome()
        await call.until_let_go()
    return outcome, call.commands


async def test_the_script_and_its_query_reach_the_session(desk: Desk) -> None:
    async def act(session: Session) -> object:
        return session.script.path, dict(session.script.query), session.environment["agi_channel"], repr(session)

    desk.act = act
    async with AgiCall(desk.port) as call:
        call.begin("menu/main?call=7&kind=a%20b&empty=")

        expected = ("menu/main", {"call": "7", "kind": "a b", "empty": ""}, "PJSIP/cell-1", "<Session>")
        assert await desk.outcome() == expected


async def test_a_key_stops_a_prompt_and_is_returned(desk: Desk) -> None:
    outcome, commands = await tell(
        desk, lambda s: s.stream_file("en/notice", "0*"), lambda _: "200 result=42 endpos=800\n"
    )

    assert (outcome, commands) == ("*", ['STREAM FILE "en/notice" "0*"'])


@pytest.mark.parametrize(("reply", "key"), [("200 result=0", ""), ("200 result=48", "0")])
async def test_waiting_for_a_digit_may_end_in_silence(desk: Desk, reply: str, key: str) -> None:
    outcome, commands = await tell(desk, lambda s: s.wait_for_digit(500), lambda _: reply + "\n")

    assert (outcome, commands) == (key, ["WAIT FOR DIGIT 500"])


@pytest.mark.parametrize(
    ("reply", "value"), [("200 result=1 (a (b) c)", "a (b) c"), ("200 result=0", ""), ("200 result=1 ()", "")]
)
async def test_a_variable_is_read_as_it_is(desk: Desk, reply: str, value: str) -> None:
    outcome, _ = await tell(desk, lambda s: s.get_variable("CHANNEL(state)"), lambda _: reply + "\n")

    assert outcome == value


async def test_a_word_stays_one_word(desk: Desk) -> None:
    _, commands = await tell(desk, lambda s: s.set_variable("A", 'x" "y\\'), lambda _: "200 result=1\n")

    assert commands == ['SET VARIABLE "A" "x\\" \\"y\\\\"']


@pytest.mark.parametrize("bad", ["\n", "\r", "\0", "a\nHANGUP", "\x85", "\u2028"])
async def test_a_control_character_is_refused_before_anything_is_sent(desk: Desk, bad: str) -> None:
    outcome, commands = await tell(desk, lambda s: s.set_variable("A", bad), lambda _: "200 result=1\n")

    assert isinstance(outcome, AskersFault)
    assert commands == []


async def test_a_comma_cannot_begin_another_argument(desk: Desk) -> None:
    outcome, commands = await tell(desk, lambda s: s.exec("Playback", "a,b"), lambda _: "200 result=0\n")

    assert isinstance(outcome, AskersFault)
    assert commands == []


async def test_a_command_longer_than_asterisk_reads_is_refused(desk: Desk) -> None:
    outcome, _ = await tell(desk, lambda s: s.set_variable("A", "é" * 1000), lambda _: "200 result=1\n")

    assert isinstance(outcome, AskersFault)


# The caller goes


@pytest.mark.parametrize("said", ["HANGUP\n", "511 Command Not Permitted on a dead channel or intercept routine\n"])
async def test_a_hang_up_in_a_command_is_caller_gone(desk: Desk, said: str) -> None:
    outcome, _ = await tell(desk, lambda s: s.wait_for_digit(5000), lambda _: said)

    assert isinstance(outcome, CallerGone)


async def test_a_minus_one_after_which_the_channel_is_dead_is_caller_gone(desk: Desk) -> None:
    outcome, _ = await tell(
        desk, lambda s: s.stream_file("x"), lambda line: "200 result=-1\n" if "STREAM" in line else "HANGUP\n"
    )

    assert isinstance(outcome, CallerGone)


async def test_a_missing_prompt_is_not_taken_for_a_caller_who_went(desk: Desk) -> None:
    outcome, _ = await tell(
        desk, lambda s: s.stream_file("x"), lambda line: f"200 result={-1 if 'STREAM' in line else 6}\n"
    )

    assert isinstance(outcome, ActionRefused)


async def test_the_end_of_the_connection_is_caller_gone(desk: Desk) -> None:
    desk.act = lambda s: s.wait_for_digit(5000)
    async with AgiCall(desk.port, lambda _: "") as call:
        call.begin()

    assert isinstance(await desk.outcome(), CallerGone)


async def test_the_channel_is_let_go_at_a_hang_up_whatever_the_answer_is_doing(desk: Desk) -> None:
    still = asyncio.Event()

    async def busy(session: Session) -> object:
        await still.wait()
        return await session.get_variable("A")

    desk.act = busy
    async with AgiCall(desk.port) as call:
        call.begin()
        call.say("HANGUP\n")
        await call.until_let_go()
        still.set()

        assert isinstance(await desk.outcome(), CallerGone)


async def test_hanging_up_is_done_when_the_caller_has_gone_too(desk: Desk) -> None:
    outcome, commands = await tell(desk, Session.hang_up, lambda _: "HANGUP\n")

    assert (outcome, commands) == (None, ["HANGUP"])


# What goes wrong


async def test_a_refusal_of_many_lines_is_one_refusal(desk: Desk) -> None:
    usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: WAIT\n200 result=1\n520 End of proper usage.\n"

    async def act(session: Session) -> object:
        with pytest.raises(ActionRefused, match="refused FOO: 520"):
            await session.command("FOO")
        return (await session.command("BAR")).code

    outcome, _ = await tell(desk, act, lambda line: usage if line == "FOO" else "200 result=0\n")

    assert outcome == 200


async def test_a_cancelled_command_keeps_its_place_in_the_replies(desk: Desk) -> None:
    async def act(session: Session) -> object:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.wait_for_digit(100), 0.02)
        return await session.get_variable("A")

    late = {"WAIT FOR DIGIT 100": "", 'GET VARIABLE "A"': "200 result=49\n200 result=1 (mine)\n"}
    outcome, _ = await tell(desk, act, late.__getitem__)

    assert outcome == "mine"


async def test_a_key_that_only_an_event_tells_of_ends_the_file_and_keeps_the_replies_in_order(desk: Desk) -> None:
    async def act(session: Session) -> object:
        session.key_told("0")
        return await session.stream_file("a", "0"), session.keypad.next(), await session.get_variable("A")

    # Asterisk answers the command that ended the file, and not the file.
    replies = {'STREAM FILE "a" "0"': "", "NOOP": "200 result=0\n", 'GET VARIABLE "A"': "200 result=1 (mine)\n"}
    outcome, commands = await tell(desk, act, replies.__getitem__)

    assert outcome == ("", "0", "mine")
    assert commands == list(replies)


async def test_no_command_follows_one_that_ends_a_file_before_its_reply(desk: Desk) -> None:
    """Asterisk would read both at once, and look for the second no more."""
    replied: list[str] = []
    call = AgiCall(desk.port)

    def late(reply: str) -> None:
        replied.append(reply)
        call.say(reply)

    def answer(line: str) -> str:
        if line == "NOOP":
            asyncio.get_running_loop().call_later(0.05, late, "200 result=0\n")
            return "200 result=0 endpos=800\n"
        return "" if line.startswith("STREAM") else f"200 result=1 ({len(replied)})\n"

    async def act(session: Session) -> object:
        session.key_told("0")
        await session.stream_file("a", "0")
        return await session.get_variable("A")

    desk.act, call.answer = act, answer
    async with call:
        call.begin()
        assert await desk.outcome() == "1"
        await call.until_let_go()


async def test_what_asterisk_read_together_with_the_file_is_said_again(desk: Desk) -> None:
    """Else the next command would wait for its reply for ever, and the key with it."""
    said_again = "200 result=0\n200 result=0\n"
    stops: list[str] = []

    def answer(line: str) -> str:
        if line == "NOOP":
            stops.append(line)
            return said_again if len(stops) == 2 else ""
        return "" if line.startswith("STREAM") else "200 result=1 (mine)\n"

    async def act(session: Session) -> object:
        session.key_told("0")
        return await session.stream_file("a", "0"), session.keypad.next(), await session.get_variable("A")

    outcome, commands = await tell(desk, act, answer)

    assert outcome == ("", "0", "mine")
    assert commands == ['STREAM FILE "a" "0"', "NOOP", "NOOP", 'GET VARIABLE "A"']


async def test_a_key_that_stopped_the_file_itself_ends_nothing_else(desk: Desk) -> None:
    async def act(session: Session) -> object:
        session.key_told("0")
        key = await session.stream_file("a", "0")
        await asyncio.sleep(agi.KEY_ANSWERED_SECONDS + 0.1)
        return key, session.keypad.next(), session.keypad.next()

    outcome, commands = await tell(desk, act, lambda _: "200 result=48 endpos=800\n")

    assert outcome == ("0", "0", "")
    assert commands == ['STREAM FILE "a" "0"']


async def test_where_replies_are_slow_a_key_is_waited_for_longer(desk: Desk) -> None:
    call = AgiCall(desk.port)

    def answer(line: str) -> str:
        wait, reply = (0.2, "0") if line.startswith("SET") else (0.4, "48 endpos=800")
        asyncio.get_running_loop().call_later(wait, call.say, f"200 result={reply}\n")
        return ""

    async def act(session: Session) -> object:
        await session.set_variable("A", "1")
        session.key_told("0")
        return await session.stream_file("a", "0")

    desk.act, call.answer = act, answer
    async with call:
        call.begin()
        assert await desk.outcome() == "0"
        await call.until_let_go()
    assert "NOOP" not in call.commands


async def test_a_failing_answer_gives_the_call_back_and_logs_only_its_kind(desk: Desk) -> None:
    async def act(_: Session) -> object:
        raise LookupError("the name of a caller")

    with capture_logs() as logs:
        await tell(desk, act, lambda _: "")

    assert [(entry["event"], entry["error"]) for entry in logs] == [("agi.answer_failed", "LookupError")]
    assert "caller" not in str(logs)


@pytest.mark.parametrize(
    "said",
    [b"", b"\n", b"GET / HTTP/1.1\r\n\r\n", b"agi_channel: x\n\n", b"agi_x: " + b"y" * 20000, b"agi_x: y\n" * 300],
)
async def test_a_stranger_is_left_with_a_log_and_no_answer(desk: Desk, said: bytes) -> None:
    with capture_logs() as logs:
        async with AgiCall(desk.port) as call:
            call.say(said)
            if not said:
                call.say_no_more()
            await call.until_let_go()

    assert [entry["event"] for entry in logs] == ["agi.not_a_call"]
    assert desk.outcomes.empty()


async def test_a_silent_stranger_is_left_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agi, "ENVIRONMENT_TIMEOUT", 0.05)
    async with AgiCall(desk.port) as call:
        await call.until_let_go()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(), st.text().map("agi_{}".format), st.just("agi_channel: x")), max_size=8))
def test_any_environment_is_read_or_refused(lines: list[str]) -> None:
    try:
        environment = parse_environment([*lines, "agi_network_script: x"])
    except BadEnvironment:
        return

    assert "agi_channel" in environment
    assert repr(parse_script(environment["agi_network_script"]))


@given(st.text())
def test_any_script_is_parsed(request: str) -> None:
    assert parse_script(request).path is not None


@given(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"])))
def test_whatever_is_quoted_reads_back_as_one_word(word: str) -> None:
    text = quoted(word)[1:-1]
    read = ""
    while text:
        skip = 1 if text[0] == "\\" else 0
        assert text[0] != '"'
        read, text = read + text[skip], text[skip + 1 :]

    assert read == word


@settings(max_examples=80, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=4))
def test_any_first_bytes_leave_the_server_standing(chunks: list[bytes]) -> None:
    asyncio.run(after_nonsense_a_call_is_answered(b"".join(chunks), before=b""))


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.from_regex(r"\A[1-5]\d\d[ -](result=-?[0-9#*]{0,6}( \([^\n]*\))?)?[^\n]{0,9}\n\Z").map(str.encode),
    )
)
def test_any_reply_leaves_the_server_standing(reply: bytes) -> None:
    asyncio.run(after_nonsense_a_call_is_answered(reply, before=BEGUN))


async def after_nonsense_a_call_is_answered(nonsense: bytes, before: bytes) -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    desk = Desk()
    desk.act = lambda session: session.wait_for_digit(10)
    server = await agi.serve("127.0.0.1", 0, desk.answer, secret=OPENS)
    desk.port = server.sockets[0].getsockname()[1]
    with capture_logs():
        async with AgiCall(desk.port, lambda _: "") as stranger:
            stranger.say(before + nonsense)
            stranger.say_no_more()
            await stranger.until_let_go()
        if before:
            assert isinstance(await desk.outcome(), str | Exception)
        desk.outcomes = asyncio.Queue()
        desk.act = lambda session: session.get_variable("A")
        async with AgiCall(desk.port, lambda _: "200 result=1 (here)\n") as call:
            call.begin()
            assert await desk.outcome() == "here"
    server.close()
    await server.wait_closed()
    assert faults == []


@pytest.mark.parametrize("shown", ["", "not-it", OPENS + "x", OPENS[:-1]])
async def test_a_program_without_the_secret_has_no_session(desk: Desk, shown: str) -> None:
    with capture_logs() as logs:
        async with AgiCall(desk.port) as call:
            call.begin(arg_1=shown)
            await call.until_let_go()

    assert (call.commands, desk.outcomes.empty()) == ([], True)
    assert logs == [{"event": "agi.stranger", "log_level": "warning"}]


async def test_a_secret_given_twice_is_the_first_one(desk: Desk) -> None:
    """A channel's name or number with a line break in it cannot forge what Asterisk itself says first."""
    async with AgiCall(desk.port) as call:
        call.say(f"agi_network_script: x\nagi_channel: PJSIP/cell-1\nagi_arg_1: no\nagi_arg_1: {OPENS}\n\n")
        await call.until_let_go()

    assert desk.outcomes.empty()
