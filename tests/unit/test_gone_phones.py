"""Whose phone is taken for gone in a conversation: of three signs each is needed."""

from collections.abc import Iterator
from itertools import count

import pytest

from ivr.ami import Ami
from ivr.gone_phones import ASKED_AFTER_SECONDS, GONE_AFTER_SECONDS, GONE_WITHIN_SECONDS, LOOK_EVERY_SECONDS, GonePhones
from ivr.legs import Leg, LegId, LiveLeg, Purpose
from ivr.packs import Event, Reply, parse
from models.errors import ActionRefused
from models.words import CallId

pytestmark = pytest.mark.anyio
CALLER, KESTREL = "p-caller", "p-kestrel"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class AnExchange(Ami):
    """An Asterisk in which phones send sound or not, and answer when they are asked or not."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", 1, "nobody", "nothing")
        self.mute: set[str] = set()
        self.dead: set[str] = set()
        self.asked: list[str] = []
        self.hung_up: list[str] = []
        self.in_talk = [CALLER, KESTREL]
        self._packets: Iterator[int] = count(100)

    async def live_legs(self) -> list[LiveLeg]:
        return [live_leg(phone) for phone in self.in_talk]

    async def act(self, name: str, /, **fields: object) -> Reply:  # type: ignore[override]  # as far as it is used here
        phone = str(fields.get("Endpoint") or str(fields["Channel"]).removeprefix("PJSIP/").rpartition("-")[0])
        if phone not in self.in_talk:
            raise ActionRefused(name, "no such channel")
        if name == "PJSIPQualify":
            self.asked.append(phone)
            self.says(phone, "Unreachable" if phone in self.dead else "Reachable")
        elif name == "Hangup":
            self.hung_up.append(phone)
            self.in_talk.remove(phone)
        value = 7 if phone in self.mute | self.dead else next(self._packets)
        said = parse(f"Response: Success\r\nVariable: CHANNEL(rtcp,rxcount)\r\nValue: {value}\r\n")
        assert isinstance(said, Reply)
        return said

    def says(self, phone: str, status: str) -> None:
        said = parse(f"Event: ContactStatus\r\nEndpointName: {phone}\r\nContactStatus: {status}\r\n")
        assert isinstance(said, Event)
        self._publish(said)


def live_leg(phone: str) -> LiveLeg:
    purpose = Purpose.CALLER if phone == CALLER else Purpose.OFFER
    leg = Leg(LegId(f"leg-{phone}"), f"PJSIP/{phone}-00000001")
    return LiveLeg(leg, purpose, CallId("call-1"), in_talk=True, rings=False, waits_alone=False)


@pytest.fixture
def exchange() -> AnExchange:
    return AnExchange()


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phones(exchange: AnExchange, clock: Clock) -> GonePhones:
    return GonePhones(exchange, exchange.live_legs, clock)


async def looks(phones: GonePhones, clock: Clock, seconds: float) -> None:
    for _ in range(int(seconds / LOOK_EVERY_SECONDS) + 1):
        await phones.look()
        clock.at += LOOK_EVERY_SECONDS


async def test_a_phone_that_is_gone_is_hung_up_and_the_other_is_not(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, 10)
    exchange.dead = {KESTREL}
    await looks(phones, clock, GONE_WITHIN_SECONDS)

    assert (exchange.asked, exchange.hung_up) == ([KESTREL], [KESTREL])


async def test_nothing_ends_before_a_network_may_be_back(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, 10)
    exchange.dead = {KESTREL}
    await looks(phones, clock, GONE_AFTER_SECONDS - 2 * LOOK_EVERY_SECONDS)
    assert exchange.asked == [KESTREL]

    exchange.dead = set()
    exchange.says(KESTREL, "Reachable")
    await looks(phones, clock, 60)
    assert exchange.hung_up == []


async def test_a_phone_that_sends_nothing_while_nobody_speaks_is_asked_and_left(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    exchange.mute = {CALLER}
    await looks(phones, clock, 300)

    assert (exchange.asked, exchange.hung_up) == ([CALLER], [])


async def test_a_phone_that_does_not_answer_but_is_heard_is_left(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    exchange.says(CALLER, "Unreachable")
    await looks(phones, clock, 60)

    assert (exchange.asked, exchange.hung_up) == ([], [])


async def test_when_nobody_is_heard_it_is_the_network(exchange: AnExchange, phones: GonePhones, clock: Clock) -> None:
    await looks(phones, clock, 10)
    exchange.dead = {CALLER, KESTREL}
    exchange.says(CALLER, "Unreachable")
    exchange.says(KESTREL, "Unreachable")
    await looks(phones, clock, 60)

    assert exchange.hung_up == []


async def test_a_phone_that_has_just_hung_up_ends_no_look(clock: Clock) -> None:
    class HungUpMeanwhile(AnExchange):
        async def live_legs(self) -> list[LiveLeg]:
            return [live_leg(CALLER), live_leg(KESTREL)]

    gone = HungUpMeanwhile()
    gone.in_talk = [CALLER]
    await looks(GonePhones(gone, gone.live_legs, clock), clock, ASKED_AFTER_SECONDS)

    assert gone.hung_up == []
