"""A technician sets the line up on the console, and the line that runs follows."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from models.words import Post
from stories.conftest import Story
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


async def test_a_code_that_is_changed_on_the_console_is_dialled_at_once(story: Story, technician: Technician) -> None:
    caller = await story.caller()
    assert "Asterisk has read again" in await technician.takes("site", **the_prison(short_code="150"))
    try:
        await caller.dials("150")
        await caller.hears("line/name")
        await caller.hangs_up()
    finally:
        await technician.takes("site", **the_prison())
