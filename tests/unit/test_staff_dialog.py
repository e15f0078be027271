"""A phone of staff that is rung: which keys it has, what they do, and what is said to each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from builders import a_call

from escalation import tellings
from escalation.case import ASKED_EVERY, Spoken
from escalation.disclosure import Disclosure, spoken
from escalation.ports import RING_FOR, TELLING_AT_MOST
from escalation.profile import Profile, WhoConfirms
from escalation.store import Raise
from ivr import staff_dialog
from ivr.ports import Ports
from ivr.prompts import languages
from ivr.prompts.shipped import shipped_path
from ivr.prompts.sound import PHONE_RATE
from ivr.staff_dialog import (
    ASKED_AGAIN,
    CALLER_FIRST_SECONDS,
    HEARD_AT_MOST,
    WAIT_FOR_KEY_SECONDS,
    StaffDialog,
    answers_to,
)
from models import tables
from models.clock import now
from models.dangers import Danger
from models.words import CallId, Cause, Condition, EmergencyCode, EscalationId, Outcome, Post, TellingEnd, TellingId
from tests.fakes.line import CALLERS_PHONE, FakeLine, FakeVoice, a_database, a_profile
from tests.fakes.staff import SilentPhones, a_phone_at_each_post, an_engine, phone_of

pytestmark = pytest.mark.anyio
HEALTHCARE, CONTROL, ORDERLY, LEADER = Post.HEALTHCARE, Post.CONTROL_ROOM, Post.ORDERLY_OFFICER, Post.SCHEME_LEADER


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def who_asks_a_samaritan() -> Profile:
    profile = a_profile()
    return replace(profile, choices=replace(profile.choices, who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN))


class Meanwhile(FakeVoice):
    """Something happens while the message is spoken for the first time."""

    def __init__(self, *keys: str, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(*keys)
        self._happens: Callable[[], Awaitable[object]] | None = happens

    async def ask(self, files: list[str], wait_seconds: float, **more: Any) -> str:
        key = await super().ask(files, wait_seconds, **more)
        happens, self._happens = self._happens, None
        if happens:
            await happens()
        return key


@dataclass
class Rung:
    """An escalation whose phones ring; who answers presses these keys, "" is silence."""

    ports: Ports
    phones: SilentPhones
    escalation: EscalationId
    told_to_the_call: int = 0

    async def answers(self, post: Post, *keys: str) -> FakeVoice:
        return await self.hears(self.phones.telling_at(post), *keys)

    async def hears(self, telling: TellingId, *keys: str) -> FakeVoice:
        return await self.hears_by(FakeVoice(*keys), telling)

    async def hears_by(
        self, voice: FakeVoice, telling: TellingId, caller_told_at: Callable[[], float] = lambda: 0.0
    ) -> FakeVoice:
        phone = self.ports.database.do(lambda session: tellings.telling(session, telling)).phone
        with self.ports.being_told.hears(telling, phone) as hearer:
            dialog = StaffDialog(voice, self.ports, hearer, acknowledged=self._told)  # type: ignore[arg-type]  # a person
            await dialog.run(self.escalation, caller_told_at=caller_told_at)
        return voice

    async def is_over(self, telling: TellingId) -> None:
        """By its time, and the phone is engaged by just this when it is to ring again."""
        with self.ports.database.transaction() as session:
            row = session.get_one(tables.Telling, telling)
            row.rang_at -= TELLING_AT_MOST
        await self.ports.engine.tick(now())
        again = [one for one, phone in self.phones.ringing.items() if phone == row.phone_id]
        for one in again:
            await self.ports.engine.telling_ended(one, TellingEnd.NO_ANSWER, now())

    def row(self) -> tables.Escalation:
        return self.ports.database.do(lambda session: session.get_one(tables.Escalation, self.escalation))

    def _told(self) -> None:
        self.told_to_the_call += 1


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    one = FakeLine(a_database(tmp_path))
    one.database.do(a_phone_at_each_post)
    yield one
    await one.stop()


async def rung(line: FakeLine, cause: Cause, profile: Profile | None = None) -> Rung:
    phones = SilentPhones()
    ports = replace(line.ports, engine=an_engine(line.database, phones), being_told=phones.being_told)
    with line.database.transaction() as session:
        session.add(a_call())
    return Rung(ports, phones, await ports.engine.raise_escalation(raising(ports, cause, profile), now()))


def raising(ports: Ports, cause: Cause, profile: Profile | None = None) -> Raise:
    return Raise(
        site=ports.site, cause=cause, profile=profile or a_profile(), call=CallId("call-one"), phone=CALLERS_PHONE
    )


# ---- going


async def test_key_1_acknowledges_for_the_post_of_the_phone_and_is_told_to_the_call(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)

    heard = await one.answers(HEALTHCARE, "1")

    assert heard.prompts[-1] == "staff/you-are-going"
    assert one.row().acknowledged_posts == [HEALTHCARE]
    assert one.told_to_the_call == 1


async def test_who_goes_first_of_several_hears_that_others_are_wanted_and_the_last_does_not(line: FakeLine) -> None:
    one = await rung(line, Cause.DANGER_NOW)

    first = await one.answers(HEALTHCARE, "1")
    last = await one.answers(CONTROL, "1")

    assert first.prompts[-2:] == ["staff/you-are-going", "staff/others-wanted"]
    assert last.prompts[-1] == "staff/you-are-going"
    assert one.told_to_the_call == 1


async def test_who_presses_their_key_twice_hears_all_the_same_what_came_of_it(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)

    class Twice(FakeVoice):
        """A second 1 comes as soon as the answer to the first begins."""

        async def say(self, files: list[str], **more: Any) -> str:
            await super().say(files, **more)
            return "1" if self.prompts.count("staff/you-are-going") == 1 else ""

    heard = await one.hears_by(Twice("", "1"), one.phones.telling_at(HEALTHCARE))

    assert heard.prompts[-2:] == ["staff/you-are-going", "staff/you-are-going"]


async def test_who_is_slower_hears_that_somebody_is_going(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    slower = one.phones.telling_at(CONTROL)
    await one.answers(HEALTHCARE, "1")

    heard = await one.hears(slower, "1")

    assert heard.prompts[-1] == "staff/somebody-is-going"
    assert one.row().acknowledged_posts == [HEALTHCARE]


async def test_who_is_still_listening_hears_that_somebody_is_going(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    voice = Meanwhile(happens=lambda: one.answers(HEALTHCARE, "1"))

    heard = await one.hears_by(voice, one.phones.telling_at(CONTROL))

    assert heard.prompts.count("staff/press-1-2-3") == 1
    assert heard.prompts[-1] == "staff/somebody-is-going"


async def test_who_is_still_listening_when_it_is_graver_is_rung_again_at_once(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    listening = one.phones.telling_at(CONTROL)
    graver = raising(one.ports, Cause.DANGER_NOW)

    voice = Meanwhile(happens=lambda: one.ports.engine.raise_escalation(graver, now()))
    heard = await one.hears_by(voice, listening)

    assert one.phones.telling_at(CONTROL) != listening
    assert heard.prompts[-1] == "staff/press-1-2-3"


async def test_who_is_not_rung_again_when_it_is_graver_hears_that_others_are(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    await one.ports.engine.tick(now() + timedelta(seconds=61))
    graver = raising(one.ports, Cause.DANGER_NOW)

    voice = Meanwhile(happens=lambda: one.ports.engine.raise_escalation(graver, now()))
    heard = await one.hears_by(voice, one.phones.telling_at(ORDERLY))

    assert phone_of(ORDERLY) not in one.phones.ringing.values()
    assert heard.prompts[-1] == "staff/no-key"


async def test_who_has_listened_for_too_long_is_not_told_that_somebody_goes(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    later = now() + TELLING_AT_MOST + timedelta(seconds=1)

    voice = Meanwhile(happens=lambda: one.ports.engine.tick(later))
    heard = await one.hears_by(voice, one.phones.telling_at(CONTROL))

    assert heard.prompts.count("staff/press-1-2-3") == 1
    assert heard.prompts[-1] == "staff/press-1-2-3"


@pytest.mark.parametrize("post", [HEALTHCARE, CONTROL])
async def test_who_wants_to_go_when_the_time_of_the_telling_is_over_goes(line: FakeLine, post: Post) -> None:
    """Also where the phone of this post is rung again by then, as the control room's in the second step."""
    one = await rung(line, Cause.CALLER_ASKED)
    later = now() + TELLING_AT_MOST + timedelta(seconds=1)

    voice = Meanwhile("1", happens=lambda: one.ports.engine.tick(later))
    heard = await one.hears_by(voice, one.phones.telling_at(post))

    assert heard.prompts[-1] == "staff/you-are-going"
    assert one.row().acknowledged_posts == [post]
    assert one.told_to_the_call == 1
    assert one.phones.ringing == {}


async def test_who_wants_to_go_after_another_node_took_over_goes(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    there = SilentPhones()
    other = an_engine(line.database, there, "node-two")

    voice = Meanwhile("1", happens=lambda: other.tick(now() + timedelta(seconds=4)))
    heard = await one.hears_by(voice, one.phones.telling_at(HEALTHCARE))

    assert phone_of(HEALTHCARE) in there.rung
    assert heard.prompts[-1] == "staff/you-are-going"
    assert one.row().acknowledged_posts == [HEALTHCARE]


async def test_a_nurse_who_is_wanted_besides_goes_also_when_the_time_is_over(line: FakeLine) -> None:
    one = await rung(line, Cause.DANGER_NOW)
    nurse = one.phones.telling_at(HEALTHCARE)
    await one.answers(CONTROL, "1")

    voice = Meanwhile("1", happens=lambda: one.is_over(nurse))
    heard = await one.hears_by(voice, nurse)

    assert heard.prompts[-1] == "staff/you-are-going"
    assert one.row().acknowledged_posts == [CONTROL, HEALTHCARE]


async def test_a_nurse_who_is_wanted_besides_does_not_hear_that_somebody_else_goes(line: FakeLine) -> None:
    one = await rung(line, Cause.DANGER_NOW)
    nurse = one.phones.telling_at(HEALTHCARE)
    await one.answers(CONTROL, "1")

    heard = await one.hears_by(Meanwhile(happens=lambda: one.is_over(nurse)), nurse)

    assert "staff/somebody-is-going" not in heard.prompts


async def test_who_cannot_go_when_the_time_is_over_hears_that_the_next_is_rung(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    later = now() + TELLING_AT_MOST + timedelta(seconds=1)

    voice = Meanwhile("3", happens=lambda: one.ports.engine.tick(later))
    heard = await one.hears_by(voice, one.phones.telling_at(HEALTHCARE))

    assert heard.prompts[-1] == "staff/next-is-rung"
    assert phone_of(ORDERLY) in one.phones.rung


async def test_a_key_to_what_was_said_before_it_was_graver_is_no_answer_to_what_rings_now(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)
    listening = one.phones.telling_at(CONTROL)
    graver = raising(one.ports, Cause.DANGER_NOW)

    voice = Meanwhile("1", happens=lambda: one.ports.engine.raise_escalation(graver, now()))
    heard = await one.hears_by(voice, listening)

    assert heard.prompts[-1] == "staff/press-1-2-3"
    assert one.row().acknowledged_at is None
    assert one.phones.telling_at(CONTROL) != listening


async def test_key_3_cannot_go_and_key_2_says_it_again(line: FakeLine) -> None:
    one = await rung(line, Cause.CALLER_ASKED)

    heard = await one.answers(HEALTHCARE, "2", "3")

    assert heard.prompts.count("staff/press-1-2-3") == 2
    assert heard.prompts[-1] == "staff/next-is-rung"
    assert one.told_to_the_call == 0


@pytest.mark.parametrize("key", ["", "2", "9"])
async def test_who_presses_no_key_of_the_message_has_not_been_told(line: FakeLine, key: str) -> None:
    one = await rung(line, Cause.CALLER_ASKED)

    heard = await one.answers(HEALTHCARE, *([key] * 9))

    assert heard.prompts.count("staff/press-1-2-3") == HEARD_AT_MOST
    assert heard.prompts[-1] == "staff/no-key"
    assert one.row().acknowledged_at is None


# ---- the caller is told first


class Impatient(FakeVoice):
    """Presses a key whenever they are waited for, and knows when they were told what it is about."""

    def __init__(self) -> None:
        super().__init__("1")
        self.told_at = 0.0
        self.waits = 0

    async def wait_for_key(self, wait_seconds: float, **more: Any) -> str:
        if self.told_at:
            return await super().wait_for_key(wait_seconds, **more)
        self.waits += 1
        await asyncio.sleep(0.01)
        return "1"

    async def ask(self, files: list[str], wait_seconds: float, **more: Any) -> str:
        self.told_at = asyncio.get_running_loop().time()
        return await super().ask(files, wait_seconds, **more)


async def test_no_key_of_staff_makes_the_callers_own_sentence_shorter(line: FakeLine) -> None:
    one, voice = await rung(line, Cause.CALLER_ASKED), Impatient()
    caller_told_at = asyncio.get_running_loop().time() + 0.2

    await one.hears_by(voice, one.phones.telling_at(HEALTHCARE), lambda: caller_told_at)

    assert voice.told_at >= caller_told_at
    assert voice.prompts[-1] == "staff/you-are-going"


async def test_staff_wait_as_well_for_what_the_caller_is_told_meanwhile(line: FakeLine) -> None:
    one, voice = await rung(line, Cause.CALLER_ASKED), Impatient()
    first = asyncio.get_running_loop().time() + 0.1

    def until() -> float:
        return first if voice.waits < 3 else first + 0.2

    await one.hears_by(voice, one.phones.telling_at(HEALTHCARE), until)

    assert voice.told_at >= first + 0.2


async def test_staff_do_not_wait_for_ever(line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_dialog, "CALLER_FIRST_SECONDS", 0.1)
    one, voice = await rung(line, Cause.CALLER_ASKED), Impatient()

    never = asyncio.get_running_loop().time() + 60
    await asyncio.wait_for(one.hears_by(voice, one.phones.telling_at(HEALTHCARE), lambda: never), 5)

    assert voice.prompts[-1] == "staff/you-are-going"


def test_whoever_listens_to_the_end_is_not_cut_off() -> None:
    """As it is spoken in English, with all that there is to say."""
    english = languages()[0]
    told = Disclosure(
        Cause.REFUSES, None, "B-2-014", now(), on_line=True, told_before=True, prison_number="A1234BC",
        code=EmergencyCode.BLUE,
    )  # fmt: skip
    longest = max(
        sum(shipped_path(english.prompts[one], english.voices[one]).stat().st_size / PHONE_RATE for one in spoken(each))
        for cause, danger, condition in product(Cause, Danger, Condition)
        for each in [replace(told, cause=cause, danger=danger, condition=condition)]
    )

    heard = HEARD_AT_MOST * (longest + WAIT_FOR_KEY_SECONDS)
    assert RING_FOR.total_seconds() + CALLER_FIRST_SECONDS + heard < TELLING_AT_MOST.total_seconds()


# ---- deciding


async def asked_first(line: FakeLine) -> Rung:
    return await rung(line, Cause.REFUSES, who_asks_a_samaritan())


async def test_who_decides_hears_no_place_and_is_not_told_that_they_go(line: FakeLine) -> None:
    one = await asked_first(line)

    heard = await one.answers(LEADER, "1")

    assert {"staff/you-decide", "staff/press-1-tell-3-not", "staff/they-are-told"} <= set(heard.prompts)
    assert not {"staff/wing", "staff/cell", "staff/press-1-2-3", "staff/you-are-going"} & set(heard.prompts)
    # Nobody goes yet: the Listener must not hear that somebody comes.
    assert one.told_to_the_call == 0
    assert one.row().acknowledged_at is None
    assert phone_of(CONTROL) in one.phones.rung


async def test_key_3_of_who_decides_keeps_it_from_staff(line: FakeLine) -> None:
    one = await asked_first(line)

    heard = await one.answers(LEADER, "3")

    assert heard.prompts[-1] == "staff/they-are-not-told"
    assert one.row().outcome == Outcome.NOT_TOLD
    assert one.phones.rung == [phone_of(LEADER)]


async def test_who_does_not_decide_is_asked_again(line: FakeLine) -> None:
    one = await asked_first(line)

    heard = await one.answers(LEADER)
    await one.ports.engine.tick(now() + ASKED_EVERY)

    assert heard.prompts[-1] == "staff/asked-again"
    assert "staff/not-decided" not in heard.prompts
    assert one.phones.rung == [phone_of(LEADER), phone_of(LEADER)]


async def test_who_has_not_decided_when_their_time_is_over_hears_that_the_rules_do(line: FakeLine) -> None:
    one = await asked_first(line)
    with line.database.transaction() as session:
        session.get_one(tables.Escalation, one.escalation).step_ends_at = now()

    heard = await one.answers(LEADER)

    assert heard.prompts[-1] == "staff/not-decided"
    assert phone_of(CONTROL) in one.phones.rung


@pytest.mark.parametrize("key", ["", "1", "3"])
async def test_who_decides_and_is_heard_no_more_hears_that_it_is_still_open(line: FakeLine, key: str) -> None:
    """Their ring was lost to the engine, as when another node took it for dead: no key of it counts any more."""
    one = await asked_first(line)
    telling = one.phones.telling_at(LEADER)

    async def is_lost() -> None:
        await one.ports.engine.telling_ended(telling, TellingEnd.NO_ANSWER, now())

    heard = await one.hears_by(Meanwhile(key, happens=is_lost), telling)

    assert heard.prompts[-1] == "staff/asked-again"
    assert one.row().deciding


async def test_who_decides_and_is_stopped_while_they_listen_hears_that_it_is_still_open(line: FakeLine) -> None:
    one = await asked_first(line)
    telling = one.phones.telling_at(LEADER)

    heard = await one.hears_by(Meanwhile(happens=lambda: one.is_over(telling)), telling)

    assert heard.prompts[-1] == "staff/asked-again"


async def test_who_decides_too_late_hears_that_it_was_decided(line: FakeLine) -> None:
    one = await asked_first(line)
    telling = one.phones.telling_at(LEADER)

    voice = await one.hears_by(Meanwhile("1", happens=lambda: one.answers(LEADER, "3")), telling)

    assert voice.prompts[-1] == "staff/was-decided"
    assert one.row().outcome == Outcome.NOT_TOLD


# ---- closing


async def to_be_closed(line: FakeLine) -> Rung:
    """Somebody has spoken to the person, and nobody has said what happened."""
    one = await rung(line, Cause.CALLER_ASKED)
    await one.ports.engine.happened(one.escalation, Spoken(HEALTHCARE), now())
    with line.database.transaction() as session:
        session.get_one(tables.Escalation, one.escalation).due_at = now()
        session.get_one(tables.Escalation, one.escalation).step_ends_at = now()
    await one.ports.engine.tick(now())
    return one


async def test_who_is_reminded_too_late_does_not_hear_that_it_is_closed(line: FakeLine) -> None:
    one = await to_be_closed(line)
    slower = one.phones.telling_at(CONTROL)
    await one.answers(HEALTHCARE, "1")

    heard = await one.hears(slower, "1")

    assert heard.prompts[-1] == "staff/please-close"


async def test_who_is_reminded_says_that_they_close_it(line: FakeLine) -> None:
    one = await to_be_closed(line)

    heard = await one.answers(HEALTHCARE, "1")

    assert {"staff/not-closed-yet", "staff/wing", "staff/press-1-close"} <= set(heard.prompts)
    assert heard.prompts[-1] == "staff/please-close"
    assert one.told_to_the_call == 0
    assert one.row().closed_at is None


async def test_a_reminder_has_no_key_for_not_going(line: FakeLine) -> None:
    one = await to_be_closed(line)

    heard = await one.answers(HEALTHCARE, "3")

    assert heard.prompts.count("staff/press-1-close") == HEARD_AT_MOST
    assert heard.prompts[-1] == "staff/still-to-close"


def test_every_answer_has_words() -> None:
    english = languages()[0].prompts
    going = Disclosure(Cause.REFUSES, None, None, now(), on_line=True)
    every = (going, replace(going, asks_first=True), replace(going, spoken_to=True))

    said = {prompt for one in every for answer in answers_to(one).values() for prompt in (answer.said, answer.too_late)}
    assert {*said, ASKED_AGAIN, "staff/others-wanted", "staff/press-1-close"} <= set(english)
