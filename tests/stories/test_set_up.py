"""A technician sets the line up on the console, and the line that runs follows."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest

from ivr.prompt_files import seconds
from models.words import Post
from stories.conftest import Story
from stories.people import Staff
from wingline.phone_book import posts_of

pytestmark = pytest.mark.anyio


class Technician:
    """At the console, signed in."""

    def __init__(self, story: Story) -> None:
        self._browser = httpx.Client(base_url=story.world.console_url, timeout=20, follow_redirects=True)
        self._post("sign-in", name="technician", password=story.world.password)

    async def sends(self, path: str, **fields: str) -> str:
        return await asyncio.to_thread(lambda: self._post(path, **fields).text)

    async def takes(self, part: str, **fields: str) -> str:
        """Looks at a change first."""
        looked = await self.sends(f"set-up/{part}", **fields)
        return await self.sends(f"set-up/{part}/take", of=_value(looked, "of"), **fields)

    def leaves(self) -> None:
        self._browser.close()

    def _post(self, path: str, **fields: str) -> httpx.Response:
        page = "sign-in" if path == "sign-in" else "account"
        return self._browser.post(path, data={"token": _value(self._browser.get(page).text, "token"), **fields})


def _value(html: str, field: str) -> str:
    return html.split(f'name="{field}" value="')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def technician(story: Story) -> Iterator[Technician]:
    one = Technician(story)
    yield one
    one.leaves()


def the_prison(**changed: str) -> dict[str, str]:
    """As the site file of the stories has it."""
    codes = {"short_code": "100", "duty_code": "101", "own_code": "200", "wait_code": "201", "kept_code": "102"}
    return {
        "name": "HMP Demonstration",
        "zone": "Europe/London",
        "language": "en",
        "staff_code": "300",
        **codes,
    } | changed


async def test_one_phone_is_rung_and_hears_the_line(story: Story, technician: Technician) -> None:
    (nurse,) = await story.staff(Post.HEALTHCARE)
    phone = story.world.database.do(lambda session: posts_of(session, story.world.site.id))[Post.HEALTHCARE]
    assert "rings now" in await technician.sends("set-up/test-call", phone=phone)
    await nurse.is_rung()
    await nurse.answers()
    await nurse.hears("line/name")
    assert "it is in use" in await technician.sends("set-up/test-call", phone=phone)
    await nurse.is_cut_off(12)


async def test_a_prompt_that_is_spoken_into_a_phone_is_what_people_hear(story: Story, technician: Technician) -> None:
    """A prompt that no other story waits for: all worlds of a test run play the same files."""
    (nurse,) = await story.staff(Post.HEALTHCARE)
    phone = story.world.database.do(lambda session: posts_of(session, story.world.site.id))[Post.HEALTHCARE]
    spoken = await story.world.voices.speak("Nothing is changed here at the demonstration", "flite:rms")
    rings = {"name": "record/not-taken", "phone": phone}
    try:
        assert "The phone rings now" in await technician.sends("set-up/prompts/en/by-phone", **rings)
        await _until_the_tone(nurse)
        await nurse.phone.says(spoken)
        said = time.monotonic()
        await nurse.presses("#")
        assert await nurse.phone.hears(spoken, 10, since=said), "its speaker does not hear it"
        await nurse.hears("record/use-it")
        await nurse.presses("1")
        await nurse.hears("record/taken")
        await nurse.is_cut_off(12)
        assert list((story.world.settings.data / "spoken").iterdir()) == []

        await technician.sends("set-up/prompts/en/by-phone", **rings)
        await _until_the_tone(nurse)
        await nurse.phone.says(spoken)
        await nurse.presses("#")
        await nurse.hears("record/use-it", within=20)
        no = time.monotonic()
        await nurse.presses("*")
        # Without its end: a phone that is hung up on does not play its last frames.
        begin = spoken[: len(spoken) * 2 // 3 // 2 * 2]
        assert await nurse.phone.hears(begin, 10, since=no), "people hear the old recording"
    finally:
        await technician.sends("set-up/prompts/en/ours", name="record/not-taken")


async def _until_the_tone(nurse: Staff) -> None:
    await nurse.is_rung()
    await nurse.answers()
    asked = await nurse.hears("record/begin")
    prompts = nurse.world.settings.prompts
    ended = asked + seconds(str(prompts / "en/record/begin")) + seconds(str(prompts / "tone"))
    await asyncio.sleep(max(0, ended - time.monotonic()) + 0.3)


async def test_a_code_that_is_changed_on_the_console_is_dialled_at_once(story: Story, technician: Technician) -> None:
    caller = await story.caller()
    assert "Asterisk has read again" in await technician.takes("site", **the_prison(short_code="150"))
    try:
        await caller.dials("150")
        await caller.hears("line/name")
        await caller.hangs_up()
    finally:
        await technician.takes("site", **the_prison())
