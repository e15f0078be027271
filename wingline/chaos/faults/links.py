"""The links between Asterisk and the line: cut, half open, full of rubbish, slow."""

import asyncio
from random import Random

from wingline.chaos.node import Node

_LONG = 20_000


class AmiCut:
    """Both ends are told, and the line has to find the way back."""

    who = None

    def __init__(self, node: Node) -> None:
        self._wire = node.ami

    async def inject(self) -> bool:
        return self._wire.cut() > 0

    async def heal(self) -> None:
        """The line connects again by itself."""


class AmiHalfOpen:
    """Nobody is told: connected, and nothing comes."""

    who = None

    def __init__(self, node: Node) -> None:
        self._wire = node.ami

    async def inject(self) -> bool:
        self._wire.stall()
        return True

    async def heal(self) -> None:
        self._wire.carry()


class AmiGarbage:
    """What no Asterisk says, in the middle of what it says."""

    who = None

    def __init__(self, node: Node, chance: Random) -> None:
        self._wire, self._chance = node.ami, chance

    async def inject(self) -> bool:
        rubbish = self._chance.randbytes(self._chance.randint(10, 3000))
        return self._wire.say(b"\r\n\r\nEvent: \xff\xfe\r\nKey\r\n:\r\n\r\n" + rubbish + b"\r\n\r\n") > 0

    async def heal(self) -> None:
        """It is read over, or the link is begun anew."""


class AgiSlow:
    """Each piece between Asterisk and the line is late, at worst longer than a deadline allows."""

    who = None

    def __init__(self, node: Node, chance: Random) -> None:
        self._wire, self._late = node.agi, chance.choice((0.3, 0.8, 1.5, 5.0))

    async def inject(self) -> bool:
        self._wire.late = self._late
        return True

    async def heal(self) -> None:
        self._wire.late = 0.0


class AgiGarbled:
    """What no Asterisk answers, in the middle of every session: the dialplan must take those calls back."""

    who = None

    def __init__(self, node: Node, chance: Random) -> None:
        self._wire = node.agi
        self._rubbish = chance.choice(
            (
                b"200 result=\xff\xfe\n",
                b"200 result=0\n200 result=0\n200 result=0\n",
                b"520-Invalid command syntax.\n",
                chance.randbytes(chance.randint(10, 3000)) + b"\n",
                b"x" * _LONG,
            )
        )

    async def inject(self) -> bool:
        return self._wire.say(self._rubbish, onward=True) > 0

    async def heal(self) -> None:
        """Each session is given up by itself, and a new one begun where the line fetches a call back."""


class AgiGarbage:
    """Whoever connects to the line's own port and is no Asterisk: rubbish, half a session, endless lines, silence."""

    who = None

    def __init__(self, node: Node, chance: Random) -> None:
        self._port, self._chance = node.reached.agi_port, chance
        self._writers: list[asyncio.StreamWriter] = []

    async def inject(self) -> bool:
        chance = self._chance
        says = (
            chance.randbytes(chance.randint(1, 4000)),
            b"agi_network: yes\nagi_network_script: caller\n",
            b"agi_network: yes\nagi_network_script: caller\nagi_channel: none\n\n",
            b"agi_network: yes\nagi_network_script: offer\nagi_channel: x\nagi_uniqueid: y\n\n200 result=\xff\n",
            b"agi_" + b"x" * _LONG,
            b"agi_x: y\n" * 1000,
            b"",
        )
        for said in chance.sample(says, len(says)):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                continue
            writer.write(said)
            self._writers.append(writer)
        return bool(self._writers)

    async def heal(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
