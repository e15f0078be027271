"""Hosts of a cluster as network namespaces on one machine: a cable each to one switch, and no way to another net."""

import asyncio
import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import AskersFault
from wingline.bench.sipp import Place

NETWORK = "10.77.0"
_CLONE_NEWNET = 0x40000000


class NoHosts(AskersFault):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"the cluster test cannot be made: {why}.\n"
            "  What to do: run it as root, with iproute2 (ip netns); a container needs CAP_NET_ADMIN and CAP_SYS_ADMIN"
        )


@dataclass(slots=True)
class Host:
    """One of them: its programs, which are killed with it."""

    name: str
    address: str
    namespace: str
    log: Path
    _programs: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    @property
    def inside(self) -> tuple[str, ...]:
        return "ip", "netns", "exec", self.namespace

    @property
    def place(self) -> Place:
        return Place(self.address, self.inside)

    async def run(self, name: str, command: Sequence[object], environment: Mapping[str, str] | None = None) -> None:
        """Its output goes to a file with the host's and its own name."""
        with (self.log / f"{self.name}-{name}.log").open("ab") as log:
            self._programs[name] = await asyncio.create_subprocess_exec(
                *self.inside,
                *map(str, command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def ended(self) -> list[str]:
        return [f"{self.name}: {name}" for name, one in self._programs.items() if one.returncode is not None]

    async def is_killed(self) -> None:
        """At once, all of it: PostgreSQL's processes are in groups of their own."""
        for pid in await asyncio.to_thread(self._pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for one in self._programs.values():
            await one.wait()
        self._programs.clear()

    def _pids(self) -> set[int]:
        """Without ours, which may have a socket made here in this moment."""
        said = subprocess.run(["ip", "netns", "pids", self.namespace], check=True, capture_output=True, text=True)
        return {int(pid) for pid in said.stdout.split()} - {os.getpid()}

    async def stop(self) -> None:
        for one in reversed(self._programs.values()):
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGTERM)
        for one in self._programs.values():
            try:
                await asyncio.wait_for(one.wait(), 5)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)
                await one.wait()
        self._programs.clear()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Sockets that are made meanwhile are on this host (setns holds for the thread)."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/self/ns/net").open("rb") as ours, Path(f"/run/netns/{self.namespace}").open("rb") as theirs:
            if libc.setns(theirs.fileno(), _CLONE_NEWNET):
                raise NoHosts(os.strerror(ctypes.get_errno()))
            try:
                yield
            finally:
                libc.setns(ours.fileno(), _CLONE_NEWNET)


class Hosts:
    """The switch and who is plugged into it; everything is gone at the end."""

    def __init__(self, addresses: Mapping[str, int], log: Path) -> None:
        self._prefix = f"wl{os.getpid()}"
        self._switch = f"{self._prefix}-switch"
        log.mkdir(parents=True, exist_ok=True)
        self._all = {
            name: Host(name, f"{NETWORK}.{last}", f"{self._prefix}-{name}", log) for name, last in addresses.items()
        }

    def __getitem__(self, name: str) -> Host:
        return self._all[name]

    def __iter__(self) -> Iterator[Host]:
        return iter(self._all.values())

    def plug_in_all(self) -> None:
        if os.geteuid() != 0:
            raise NoHosts("only root may make them")
        ip("netns", "add", self._switch)
        ip("-n", self._switch, "link", "add", "br0", "type", "bridge")
        ip("-n", self._switch, "link", "set", "br0", "up")
        for host in self._all.values():
            ip("netns", "add", host.namespace)
            far = ("peer", "name", "eth0", "netns", host.namespace)
            ip("-n", self._switch, "link", "add", host.name, "type", "veth", *far)
            ip("-n", self._switch, "link", "set", host.name, "master", "br0", "up")
            ip("-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                ip("-n", host.namespace, "link", "set", link, "up")

    def cut(self, host: Host) -> None:
        """The cable is pulled at the switch: what is sent is lost, and nobody is told."""
        ip("-n", self._switch, "link", "set", host.name, "down")

    def mend(self, host: Host) -> None:
        ip("-n", self._switch, "link", "set", host.name, "up")

    async def stop(self) -> None:
        for host in self._all.values():
            await host.stop()
        await asyncio.to_thread(self._unplug_all)

    def _unplug_all(self) -> None:
        for namespace in (*(host.namespace for host in self._all.values()), self._switch):
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


@dataclass(frozen=True, slots=True)
class Cable:
    """From a host to the switch."""

    hosts: Hosts
    host: Host

    async def pull(self) -> None:
        await asyncio.to_thread(self.hosts.cut, self.host)

    async def plug_in(self) -> None:
        await asyncio.to_thread(self.hosts.mend, self.host)


def ip(*arguments: str) -> None:
    try:
        done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise NoHosts("there is no program ip") from None
    if done.returncode:
        raise NoHosts(f"ip {' '.join(arguments[:4])} … says: {done.stderr.strip()}")
