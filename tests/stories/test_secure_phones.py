"""Phones with TLS and SRTP beside phones without: who may speak how, dial what, and what a flood is to others."""

import asyncio
import contextlib
import fcntl
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from models import tables
from models.clock import now
from models.words import PhoneKind, Post
from stories.attackers import Sipp, malformed_messages
from stories.conftest import QUICK, Story
from stories.people import Caller, they_hear_each_other
from wingline.certificates import tls_files
from wingline.demo.prison import site_toml
from wingline.demo.world import World
from wingline.phones.baresip import Line
from wingline.phones.phone import Phone
from wingline.setup.programs import programs

pytestmark = pytest.mark.anyio

# Kestrel's cell is among them, and no cell that a plain caller gets.
SEALED = ("A-1-001", "C-2-010", "C-2-011", "C-2-012")
PHONES = f'\n[phones]\nsecure = {list(SEALED)}\nnetworks = ["127.0.0.0/8"]\n'.replace("'", '"')


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with contextlib.AsyncExitStack() as built:
        with (tmp_path_factory.getbasetemp().parent / "building").open("w") as door:
            await asyncio.to_thread(fcntl.flock, door, fcntl.LOCK_EX)
            site = site_toml(now(), profile=str(QUICK), everybody=True) + PHONES
            one = await built.enter_async_context(World(site))
        yield one


class InTheClear(Line):
    """A phone that speaks SRTP and sends its keys over UDP, where everybody can read them."""

    @property
    def transport(self) -> str:
        return "udp"


@dataclass(frozen=True)
class Account:
    id: str
    secret: str


def account_of(world: World, cell: str) -> Account:
    with world.database.transaction() as session:
        row = session.scalars(select(tables.Phone).where(tables.Phone.cell_id == f"{world.site.id}-{cell}")).one()
        return Account(row.id, row.secret)


async def refused(world: World, phone: Phone, number: str = "100") -> str:
    """Why, after it has registered."""
    del world
    await phone.dial(number)
    ended = await phone.ends(5)
    assert ended is not None, f"{phone.name} was not refused"
    return ended.detail


async def test_a_call_over_tls_and_srtp_reaches_a_listener_over_tls_and_srtp(story: Story) -> None:
    caller = Caller(story.world, await story.world.cell_phone("C-2-010"))
    story.people.append(caller)
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await they_hear_each_other(caller, kestrel)

    for phone in (caller.phone, kestrel.phone):
        invites = [one for one in phone.signalling if "INVITE" in one.header("CSeq")]
        offers = [one.text for one in invites if "m=audio" in one.text]
        assert {one.header("Via").split()[0] for one in invites} == {"SIP/2.0/TLS"}
        assert len(offers) >= 2
        assert all("RTP/SAVP" in text and "a=crypto:" in text and "RTP/AVP" not in text for text in offers)


async def test_a_phone_without_tls_goes_on_beside_them(story: Story) -> None:
    caller = await story.caller()
    await caller.dials("102")
    await caller.hears("kept/caller")


async def test_a_phone_that_must_have_srtp_has_no_call_without(story: Story) -> None:
    account, found = account_of(story.world, "C-2-011"), programs()
    registrar = ("127.0.0.1", story.world.settings.sip_port)
    line = Line(found.command("baresip"), found.baresip_modules(), account.id, account.secret, registrar)

    story.expected_trouble.append("Couldn't negotiate stream")
    async with Phone("plain", line, folder=story.world.people / "plain") as phone:
        assert "488" in await refused(story.world, phone)


async def test_keys_that_are_sent_in_the_clear_open_no_call(story: Story) -> None:
    account, found = account_of(story.world, "C-2-012"), programs()
    authority = tls_files(story.world.settings, story.world.site.phones).authority
    registrar = ("127.0.0.1", story.world.settings.sip_port)
    line = InTheClear(
        found.command("baresip"), found.baresip_modules(), account.id, account.secret, registrar, authority=authority
    )

    async with Phone("in the clear", line, folder=story.world.people / "clear") as phone:
        assert "403" in await refused(story.world, phone)


FORBIDDEN = {
    PhoneKind.CELL: ("101", "200", "201", "300"),
    PhoneKind.LISTENER: ("300",),
    PhoneKind.STAFF: ("100", "101", "200", "201"),
}
# Ways on of the dialplan, the way out, and somebody's phone.
NOBODY_MAY = ("s", "0", "wl-alone", "wl-talk", "wl-duty", "outside", "116123", "901")


@pytest.mark.parametrize("kind", PhoneKind)
async def test_a_phone_can_dial_what_its_kind_may_and_nothing_else(story: Story, kind: PhoneKind) -> None:
    if kind is PhoneKind.CELL:
        phone = (await story.caller()).phone
    elif kind is PhoneKind.LISTENER:
        phone = (await story.listeners("Heron"))[0].phone
    else:
        phone = (await story.staff(Post.HEALTHCARE))[0].phone
    others = account_of(story.world, "B-1-006").id

    for number in (*FORBIDDEN[kind], *NOBODY_MAY, others):
        assert re.search(r"4\d\d|50\d", await refused(story.world, phone, number)), number


async def channels_of(story: Story, phone: str) -> list[str]:
    rows = await story.manager.list_of("CoreShowChannels", "CoreShowChannelsComplete")
    return [row["Channel"] for row in rows if row["Channel"].startswith(f"PJSIP/{phone}-")]


async def test_a_newer_call_of_a_phone_takes_the_place_of_the_older(story: Story) -> None:
    """Whose phone fell from the wall dials again, and is not told that they are engaged with themselves."""
    caller = await story.caller()
    (heron,) = await story.listeners("Heron")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await heron.takes_the_call()
    await caller.hears("talk/listener-here", 4)
    phone = story.world.phone_id_of(caller.phone)
    (before,) = await channels_of(story, phone)
    await caller.phone.goes_off()
    await caller.phone.start()
    await caller.dials("100")
    await caller.hears("language/own-name")

    (after,) = await channels_of(story, phone)
    assert after != before


async def test_a_flood_a_scan_and_malformed_messages_stop_nobody_elses_call(story: Story) -> None:
    world, flooding = story.world, account_of(story.world, "B-2-014")
    server, folder = world.settings.sip_port, world.folder
    talking, calling = await story.caller(), await story.caller()
    (first,) = await story.listeners("Heron")
    await talking.dials("100")
    await talking.is_through_the_notice()
    await first.takes_the_call()
    (second,) = await story.listeners("Wren")

    flood = Sipp("flood", folder / "flood", server=server, rate=20, account=(flooding.id, flooding.secret))
    scan = Sipp("scan", folder / "scan", server=server, rate=60)
    async with flood, scan, malformed_messages(server):
        await asyncio.sleep(2)
        await calling.dials("100")
        most = len(await channels_of(story, flooding.id))
        await calling.is_through_the_notice()
        await second.takes_the_call(within=8)
        await they_hear_each_other(calling, second)
        speaking = asyncio.create_task(talking.says("Thank you for answering"))
        await first.hears_a_voice()
        await speaking
        most = max(most, len(await channels_of(story, flooding.id)))
        made, scanned = flood.calls(), scan.calls()

    with world.database.transaction() as session:
        opened = session.scalar(select(func.count()).select_from(tables.Call)) or 0
    for channel in await channels_of(story, flooding.id):
        await story.manager.act("Hangup", Channel=channel)
    print(f"{made} calls and {scanned} registrations; {opened} calls opened, {most} channels at most")  # noqa: T201
    assert most <= 4, "three calls, and one that is just being refused"
    assert made > 100
    assert scanned > 300
    assert opened < made / 10, f"{made} calls of one phone opened {opened} calls of the line"


async def test_where_all_must_have_tls_a_phone_without_is_not_even_heard(story: Story) -> None:
    """A second Asterisk, of a site that lets in nobody else."""
    del story
    site = site_toml(now(), profile=str(QUICK), everybody=True) + '\n[phones]\nsecure = "required"\n'
    other = World(site)
    await other.prepare()
    await other.service.asterisk.start()
    try:
        async with other.manager() as ami:
            async with asyncio.timeout(20):
                while not ami.connected:  # noqa: ASYNC110  no event for it
                    await asyncio.sleep(0.05)
            sealed = await other.cell_phone("C-2-010")
            await sealed.dial("102")
            assert await sealed.connects(5) is not None
            with socket.socket(type=socket.SOCK_DGRAM) as plain:
                plain.settimeout(5)
                plain.connect(("127.0.0.1", other.settings.sip_port))
                plain.send(b"OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n")
                with pytest.raises(ConnectionRefusedError):
                    plain.recv(1)
    finally:
        await other.stop()
        other.clear_away()
