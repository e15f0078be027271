"""The bare machine: the same Asterisk, prompts and phones, with app_queue alone and no Wingline."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ivr.ami import Ami
from ivr.asterisk_config import Exchange, Folders, Ports, texts
from wingline import exchange as asterisk
from wingline.bench.sipp import Account, free_udp_ports
from wingline.children import Child
from wingline.demo.world import START_SECONDS, NotUp, free_ports

# Two keys, as on the line; then the queue rings one member after the other.
_DIALPLAN = """\
[cells]
exten => {code},1,Answer()
 same => n,Read(KEY,{prompts}/en/language/own-name,1,,1,2)
 same => n,Read(KEY,{prompts}/en/notice/ask,1,,1,2)
 same => n,Queue(bench,r,,,90)
 same => n,Hangup()
[listeners]
exten => {code},1,Goto(cells,{code},1)
[staff]
[outside]
"""
_QUEUE = """\
[general]
[bench]
strategy = rrmemory
timeout = 25
retry = 1
ringinuse = no
autofill = yes
joinempty = yes
"""


class Bare:
    """Beside the line's own Asterisk, on other ports and in another folder."""

    def __init__(self, exchange: Exchange, folder: Path, members: Sequence[Account], rtp: tuple[int, int]) -> None:
        tcp = free_ports(2)
        own, run = exchange.folders, folder / "run"
        self.sip_port = free_udp_ports(1)[0]
        self._logs = folder / "log"
        self._exchange = replace(
            exchange,
            folders=Folders(folder / "etc", run, own.modules, own.data, own.prompts),
            ports=Ports(self.sip_port, tcp[0], tcp[1], tcp[1], *rtp),
        )
        self._members = members
        self.process = Child("bare-asterisk", asterisk.command(self._exchange), self._logs, {})

    async def start(self) -> None:
        asterisk.prepare(self._exchange)
        for name, text in self._own_texts().items():
            (self._exchange.folders.etc / name).write_text(text)
        await self.process.start()
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        ami = Ami("127.0.0.1", self._exchange.ports.ami, "wingline", self._exchange.ami_secret)
        async with ami:
            while asyncio.get_running_loop().time() < deadline:
                if ami.connected:
                    with suppress(Exception):
                        await ami.list_of("QueueStatus", "QueueStatusComplete")
                        return
                await asyncio.sleep(0.05)
        raise NotUp("the bare Asterisk", self._logs)

    async def stop(self) -> None:
        await self.process.stop()

    def _own_texts(self) -> dict[str, str]:
        members = "".join(f"member => PJSIP/{one.id}\n" for one in self._members)
        written = texts(self._exchange)
        dialplan = _DIALPLAN.format(code=self._exchange.short_code, prompts=self._exchange.folders.prompts)
        own = {"extensions.conf": dialplan, "queues.conf": _QUEUE + members}
        # It has no sockets of ours to reach.
        own |= {name: "" for name in ("websocket_client.conf",) if name in written}
        return own
