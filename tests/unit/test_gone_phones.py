"""Whose phone is taken for gone in a conversation, and whose sound: of its signs each is needed."""

import pytest

from ivr.ami import Ami
from ivr.gone_phones import (
    ASKED_AFTER_SECONDS,
    GONE_AFTER_SECONDS,
    GONE_WITHIN_SECONDS,
    LOOK_EVERY_SECONDS,
    SOUND_LOST_AFTER_SECONDS,
    SOUND_LOST_WITHIN_SECONDS,
    STEADY_AFTER_LOOKS,
    GonePhones,
)
from ivr.legs import Leg, LegId, LiveLeg, Purpose
from ivr.packs import Event, Reply, parse
from models.errors import ActionRefused
from models.words import CallId

pytestmark = pytest.mark.anyio
CALLER, KESTREL = "p-caller", "p-kestrel"
# A phone that has sent this long without a pause is one that never does.
STEADY_SECONDS = (STEADY_AFTER_LOOKS + 2) * LOOK_EVERY_SECONDS


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
        # Packets from one look to the next: fifty a second.
        self.sends = {CALLER: 150, KESTREL: 150}
        self._packets = {CALLER: 0, KESTREL: 0}

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
        if name == "Getvar" and phone not in self.mute | self.dead:
            self._packets[phone] += self.sends[phone]
        value = self._packets[phone]
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


# ---- a phone that answers, and whose sound is lost


async def test_a_listener_whose_sound_alone_is_lost_does_not_keep_the_caller(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, STEADY_SECONDS)
    exchange.mute = {KESTREL}
    await looks(phones, clock, SOUND_LOST_AFTER_SECONDS - 2 * LOOK_EVERY_SECONDS)
    assert exchange.hung_up == []

    await looks(phones, clock, SOUND_LOST_WITHIN_SECONDS - SOUND_LOST_AFTER_SECONDS)
    assert (exchange.asked, exchange.hung_up) == ([KESTREL], [KESTREL])


async def test_the_look_in_which_sound_is_lost_is_no_pause(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, STEADY_SECONDS)
    exchange.sends[KESTREL] = 60
    await looks(phones, clock, 0)
    exchange.mute = {KESTREL}
    await looks(phones, clock, SOUND_LOST_WITHIN_SECONDS)

    assert exchange.hung_up == [KESTREL]


async def test_a_callers_part_is_never_ended_for_silence(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, STEADY_SECONDS)
    exchange.mute = {CALLER}
    await looks(phones, clock, 600)

    assert (exchange.asked, exchange.hung_up) == ([CALLER], [])


async def test_a_listener_who_is_silent_on_a_phone_that_pauses_is_left(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    for sends in (150, 90, 150, 120, 60, 150, 75) * 5:
        exchange.sends[KESTREL] = sends
        await looks(phones, clock, 0)
    exchange.mute = {KESTREL}
    await looks(phones, clock, 600)

    assert exchange.hung_up == []


async def test_sound_that_came_back_must_be_steady_again_before_it_counts(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, STEADY_SECONDS)
    for _ in range(3):
        exchange.mute = {KESTREL}
        await looks(phones, clock, SOUND_LOST_AFTER_SECONDS - 2 * LOOK_EVERY_SECONDS)
        exchange.mute = set()
        await looks(phones, clock, 3 * LOOK_EVERY_SECONDS)
    exchange.mute = {KESTREL}
    await looks(phones, clock, 300)

    assert exchange.hung_up == []


async def test_sound_that_is_lost_on_both_sides_is_the_network(
    exchange: AnExchange, phones: GonePhones, clock: Clock
) -> None:
    await looks(phones, clock, STEADY_SECONDS)
    exchange.mute = {CALLER, KESTREL}
    await looks(phones, clock, 300)

    assert exchange.hung_up == []
