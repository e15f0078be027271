"""Run in namespaces of its own, where a default route leads to nobody who answers: keeps what is sent there.

A call, and the doctor's own, by Asterisk, speech, line and console. The last line it prints is JSON.
"""

import asyncio
import json
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from models.clock import now
from wingline.demo.prison import site_toml
from wingline.demo.world import World
from wingline.doctor.examination import examine

# Addresses for documentation (RFC 5737): nobody has them.
ETH_P_IP = 0x0800
OUTSIDE = ("203.0.113.9", 53)
WAY_OUT = """
link set lo up
link add out type veth peer name far
link set far up
address add 192.0.2.2/24 dev out
link set out up
neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev out nud permanent
route add default via 192.0.2.1
"""


def know_our_own_name() -> None:
    """In both families: what is missing there Asterisk asks the resolver for, once, when it starts."""
    name = socket.gethostname()
    hosts = Path(tempfile.mkdtemp()) / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 {name}\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)


def make_a_way_out() -> None:
    for command in WAY_OUT.strip().splitlines():
        subprocess.run(["ip", *command.split()], check=True)
        for name in ("out", "far"):
            # Or the kernel itself would look for neighbours and routers.
            quiet = Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
            if quiet.exists():
                quiet.write_text("1")


class FarEnd:
    """The other end of the way out: what arrives there, name look-ups among it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self._socket.bind(("far", 0))
        self._socket.setblocking(False)
        self.arrived: list[str] = []

    def look(self) -> list[str]:
        with suppress(BlockingIOError):
            while True:
                packet = self._socket.recv(2048)
                to = socket.inet_ntoa(packet[30:34])
                self.arrived.append(f"protocol {packet[23]} to {to}: {packet[34:134]!r}")
        return list(self.arrived)


async def run() -> dict[str, object]:
    async with World(site_toml(now(), everybody=True)) as world:
        caller = await world.cell_phone("C-2-010")
        await caller.dial("102")
        answered = await caller.connects(10)
        await caller.hang_up()
        findings = await examine(world.settings, quick=False)
    return {"answered": answered is not None, "doctor": {one.name: one.grade for one in findings}}


def main() -> None:
    know_our_own_name()
    make_a_way_out()
    far_end = FarEnd()
    facts = asyncio.run(run())
    facts["sent"] = far_end.look()
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.sendto(b"this would be seen", OUTSIDE)
    facts["seen"] = len(far_end.look())
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main()
