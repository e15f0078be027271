"""The demonstration: one call from a cell to the nurse on the way, on real phones, told as it happens."""

import asyncio
import time
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import select

from ivr.call import TO_SAY_NO
from models import tables
from models.errors import WinglineError
from models.words import Post
from wingline.demo.flags import FlagClock
from wingline.demo.prison import on_duty_now
from wingline.demo.search import Said, places_written, search
from wingline.demo.timeline import Timeline
from wingline.demo.world import World
from wingline.phones.heard import level
from wingline.phones.matching import likeness
from wingline.phones.phone import Phone
from wingline.settings import speech_door

CELL = "B-2-010"
ANOTHER_CELL = "C-1-006"
CLIP_MS = 1000
VOICE = "flite:rms"
GREETING = "My sister Philippa stopped writing to me."
# Ends with the dangerous words, so that what is measured begins with their end.
DANGER = "I am going to kill myself."
AGREES = "Yes, please send somebody."
# Of these words, what no other program writes while the demonstration runs; as sound all of them are looked for.
RARE = {GREETING: "sister Philippa stopped writing", DANGER: "kill myself"}


class Stuck(WinglineError):
    """The story did not go on: somebody waited for something that did not come."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the demonstration stopped: {what}")


@dataclass
class Figures:
    """What is measured, at the phones themselves."""

    notice_s: float = 0
    ring_ms: int = 0
    flag_ms: int = 0
    prompt_ms: int = 0
    staff_ring_ms: int = 0
    acknowledged: bool = False
    words_found_on_disk: int = -1


class Story:
    def __init__(self, world: World, timeline: Timeline) -> None:
        self._world = world
        self._tell = timeline.say
        self._said: list[Said] = []
        self.figures = Figures()
        self.files_searched = 0

    async def play(self) -> None:
        caller, another, nurse, control, *listeners = await self._phones()
        try:
            async with FlagClock(speech_door(self._world.settings)) as flags, asyncio.TaskGroup() as together:
                together.create_task(self._hears_the_whole_notice(another))
                listener = await self._opening(caller, listeners)
                await self._danger(caller, listener, flags)
                await self._staff(caller, listener, (nurse, control))
        except ExceptionGroup as failures:
            # What failed first ended the other, and is what is told.
            raise failures.exceptions[0] from None

    async def _phones(self) -> list[Phone]:
        """Plugged in together: two callers, two phones of staff, and the Listeners on duty."""
        world = self._world
        return await asyncio.gather(
            world.cell_phone(CELL),
            world.cell_phone(ANOTHER_CELL),
            world.staff_phone(Post.HEALTHCARE),
            world.staff_phone(Post.CONTROL_ROOM),
            *(world.listener_phone(one) for one in on_duty_now()),
        )

    async def _opening(self, caller: Phone, listeners: list[Phone]) -> Phone:
        self._tell("caller", f"picks up the phone in cell {CELL} and dials 100")
        dialled = await caller.dial(self._world.site.site.short_code)
        answered = _came(await caller.connects(5), "the line did not answer")
        self._tell("line", f"answers after {_ms(dialled, answered)} ms, and names the languages", answered)
        await self._hears(caller, "line/name", 8, "the caller did not hear the line's name")
        pressing = time.monotonic()
        await caller.press("1")
        self._tell("caller", "presses 1: English")
        await self._hears(caller, "notice/told-life", 8, "the caller did not hear the notice", since=pressing)
        self._tell("line", "says when staff are told, who hears, what the machine does, how to say no")
        consented = await caller.press("1")
        self._tell("caller", "knows it, and presses 1: yes, the machine may listen for danger to life", consented)
        listener, rang = await _first_ring(listeners, 10)
        self.figures.ring_ms = _ms(consented, rang)
        self._tell("Listener", f"the phone of one on the rota rings, {self.figures.ring_ms} ms later", rang)
        await listener.answer()
        await self._hears(listener, "offer/listener-call", 12, "the Listener did not hear the brief")
        self._tell("Listener", "hears a brief that names nobody; presses 1")
        await listener.press("1")
        here = await self._hears(caller, "talk/listener-here", 8, "no Listener came")
        self._tell("caller", "hears: a Listener is with you now", here)
        return listener

    async def _hears_the_whole_notice(self, another: Phone) -> None:
        """Somebody in another cell, who says nothing; measured in their ear, from its first sound to its last."""
        await another.dial(self._world.site.site.short_code)
        _came(await another.connects(5), "the line did not answer the second caller")
        pressing = time.monotonic()
        await another.press("1")
        clip, tail = self._pcm("notice/told-life"), self._pcm("notice/ask")[-2 * 8000 * 2 :]
        began = _came(await another.hears(clip[:32000], 8, since=pressing), "nobody heard the notice")
        ended = _came(await another.hears(tail, 14, since=pressing), "the notice did not end") + len(tail) / 16000
        self.figures.notice_s = round(ended - began, 2)
        await another.hang_up()
        self._tell("another cell", "somebody heard the whole notice, thought better of it, and hung up", ended)

    async def _danger(self, caller: Phone, listener: Phone, flags: FlagClock) -> None:
        await self._says(caller, GREETING)
        self._tell("caller", "talks; the Listener hears it")
        began, ended = await self._says(caller, DANGER)
        self._tell("caller", "has said what they mean to do", ended)
        flagged = await flags.next(6)
        if flagged is None:
            raise Stuck("the machine did not hear the danger")
        at, kind = flagged
        self.figures.flag_ms = _ms(ended, at)
        self._tell("machine", f"flags {kind}, {self.figures.flag_ms} ms after the words", at)
        prompted = await self._hears(listener, f"flag/{kind}", 6, "the Listener was not prompted", since=began)
        self.figures.prompt_ms = _ms(at, prompted)
        self._tell("Listener", f"alone hears a soft tone and the kind, {self.figures.prompt_ms} ms later", prompted)
        await asyncio.sleep(1)
        if caller.level(prompted - 0.2, prompted + 0.7) > -60:
            raise Stuck("the caller heard something while the Listener was prompted")
        self._tell("caller", "heard nothing of it")
        await self._says(listener, "Shall I get help?")
        await self._says(caller, AGREES)

    async def _staff(self, caller: Phone, listener: Phone, staff: tuple[Phone, Phone]) -> None:
        asked = time.monotonic()
        await listener.press("*2")
        self._tell("Listener", "presses *2: the caller agrees to staff help")
        await self._hears(listener, "key/agreed", 5, "the key was not read back", since=asked)
        confirmed = await listener.press("1")
        self._tell("Listener", "hears it read back, and presses 1", confirmed)
        over = await self._hears_what_will_be_told(caller, confirmed)
        _, rang = await _first_ring(list(staff), 10)
        self.figures.staff_ring_ms = _ms(over, rang)
        self._tell("nurse", f"the phone rings, {self.figures.staff_ring_ms} ms after the caller's time to say no", rang)
        # Both are rung at once, and whose phone shows it first is chance.
        nurse, _ = await _first_ring([staff[0]], 5)
        await nurse.answer()
        where = await self._hears(nurse, "staff/wing", 30, "the nurse did not hear where")
        self._tell("nurse", "hears where: Bravo wing, landing two, the cell; and what the caller agreed to", where)
        pressed = await nurse.press("1")
        self._tell("nurse", "presses 1: going", pressed)
        try:
            await self._hears(nurse, "staff/you-are-going", 8, "the nurse's key was not answered")
        finally:
            self.figures.acknowledged = await self._acknowledged()
            self._tell("line", f"has {'' if self.figures.acknowledged else 'not '}taken the nurse's key")
        coming = await listener.hears(self._clip("key/staff-acknowledged"), 8, since=confirmed)
        self._tell("Listener", "alone hears that staff are coming", coming)
        await caller.hang_up()
        self._tell("caller", "hangs up")
        await self._hears(listener, "after/debrief", 8, "no debrief was offered", since=confirmed)
        await listener.press("1")
        self._tell("Listener", "is asked whether they are all right, and presses 1: rest begins")

    async def _hears_what_will_be_told(self, caller: Phone, since: float) -> float:
        """When the time is over in which the caller, who has agreed, could still say no."""
        told = await self._hears(
            caller, "caller/staff-are-told-you-agreed", 8, "the caller was not told", since=since - 0.5
        )
        self._tell("caller", "hears what staff will be told", told)
        stop = "caller/press-2-to-stop"
        may_stop = await self._hears(caller, stop, 12, "the caller could not say no", since=since - 0.5)
        ended = may_stop + len(self._pcm(stop)) / 16000
        self._tell("caller", "can stop it with 2, and does not", ended)
        return ended + TO_SAY_NO.total_seconds()

    async def _acknowledged(self) -> bool:
        rows = await self._world.database.run(
            lambda session: session.scalars(select(tables.Escalation.acknowledged_at)).all()
        )
        return bool(rows) and all(at is not None for at in rows)

    async def _says(self, phone: Phone, text: str) -> tuple[float, float]:
        pcm = await self._world.voices.speak(text, VOICE)
        self._said.append(Said(RARE.get(text, ""), pcm))
        return await phone.says(pcm)

    async def _hears(
        self, phone: Phone, prompt: str, within: float, otherwise: str, *, since: float | None = None
    ) -> float:
        """When the prompt began. Stuck, with what the phone heard instead, when it did not."""
        asked, clip = time.monotonic(), self._clip(prompt)
        began = await phone.hears(clip, within, since=since)
        if began is None:
            raise Stuck(f"{otherwise} ({_instead(phone, asked if since is None else since, clip)})")
        return began

    def _clip(self, prompt: str) -> bytes:
        """Enough of a prompt to know it by."""
        return self._pcm(prompt)[: 16 * CLIP_MS]

    def _pcm(self, prompt: str) -> bytes:
        return (self._world.settings.prompts / "en" / f"{prompt}.wav").read_bytes()[44:]

    async def look_for_words(self, since: float) -> None:
        """Everything written since, on the whole machine as far as we may look."""
        folder = self._world.settings.data
        control = folder / "control.txt"
        # What is written on purpose must be found, or a count of nothing means nothing.
        control_words = Said(f"{token_hex(5)} {token_hex(5)}", b"")
        control.write_text(control_words.text)
        roots = places_written(folder, self._world.settings.prompts)
        said = [*self._said, control_words]
        found, self.files_searched = await asyncio.to_thread(search, said, roots, since=since, but=self._world.people)
        control.unlink()
        if control not in {one.file for one in found}:
            raise Stuck("the search did not find its own control words")
        others = [one for one in found if one.file != control]
        for one in others:
            self._tell("search", f"words of the caller in {one.file} as {one.form}")
        self.figures.words_found_on_disk = len(others)


def _came(moment: float | None, otherwise: str) -> float:
    if moment is None:
        raise Stuck(otherwise)
    return moment


def _instead(phone: Phone, since: float, clip: bytes) -> str:
    """What the phone heard of a clip that was not known again: nothing, other words, or the clip in pieces."""
    heard = phone.heard(since, time.monotonic())
    call, alike = "in its call" if phone.in_call else "in no call", likeness(heard, clip).max(initial=0)
    return f"the phone is {call}, heard {level(heard):.0f} dB, and the clip by {alike:.2f}"


def _ms(since: float, until: float) -> int:
    return round(1000 * (until - since))


async def _first_ring(phones: list[Phone], within: float) -> tuple[Phone, float]:
    waiting = {asyncio.create_task(phone.rings(within)): phone for phone in phones}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        ring = task.result()
        if ring is not None:
            return waiting[task], ring.at
    raise Stuck("no phone rang")
