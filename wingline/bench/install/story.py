"""What a site does with the package, from `apt install` to `apt purge`, and what has to be so after each step."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pyrage import x25519

from models.clock import now
from wingline.bench.cluster.hosts import Host
from wingline.bench.install.guest import Guest
from wingline.demo.prison import LISTENERS, cell_of, site_toml
from wingline.phones.baresip import Line
from wingline.phones.phone import Phone
from wingline.phones.voice import Voices
from wingline.setup.programs import programs

UP_SECONDS, BACK_SECONDS = 900.0, 300.0
PROCESSES = "/sys/fs/cgroup/system.slice/wingline.service/cgroup.procs"
# The unit's commands for `systemctl reload`.
RELOADS = 2
SEALED = {"CapPrm": "0" * 16, "CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
CLOSED = ("/", "/etc", "/home", "/opt/wingline", "/root", "/sys/fs/cgroup", "/usr")
OPEN = ("/tmp", "/var/backups/wingline", "/var/lib/wingline")  # noqa: S108 - the unit's own


@dataclass(slots=True)
class Trial:
    """``seen``: each thing that had to be so, and whether it was; ``told``: to whoever looks on, as it comes."""

    guest: Guest
    phones: Host
    folder: Path
    told: bool
    seen: dict[str, bool] = field(default_factory=dict)

    def sees(self, what: str, it_is: object) -> None:
        self.seen[what] = self.seen.get(what, True) and bool(it_is)
        if self.told:
            sys.stdout.write(f"{'yes' if it_is else 'NO '}  {what}\n")
            sys.stdout.flush()

    async def installs(self, package: str) -> None:
        await self.guest.run("apt-get", "install", "-y", "--no-install-recommends", f"/srv/shared/{package}")

    async def has_what_a_bundle_brings(self) -> None:
        """Asterisk, models and prompts of this machine: inside there is no internet."""
        for name in ("debian", "models", "prompts"):
            bring = f"[ ! -e /srv/shared/{name} ] || cp -a /srv/shared/{name} /var/lib/wingline/"
            await self.guest.run("sh", "-c", bring)
        await self.guest.run("chown", "-R", "wingline:wingline", "/var/lib/wingline")

    async def is_set_up(self) -> None:
        """As deploy/README.md says, for a prison whose Listeners are all on duty."""
        recipient = x25519.Identity.generate().to_public()
        site = site_toml(now(), everybody=True) + f'\n[backups]\nrecipients = ["{recipient}"]\nwarn_after_hours = 26\n'
        (self.guest.shared / "site.toml").write_text(site)
        await self.guest.run("install", "-m", "644", "/srv/shared/site.toml", "/etc/wingline/site.toml")
        setting = f"echo WINGLINE_SIP_HOST={self.guest.host.address} >> /etc/wingline/wingline.env"
        await self.guest.run("sh", "-c", setting)
        await self.guest.run("wingline", "site", "apply", "/etc/wingline/site.toml")
        await self.guest.run("systemctl", "enable", "--now", "wingline", "wingline-backup.timer")
        self.sees("systemd starts the line, and it is up", await self._is_up(UP_SECONDS))

    async def is_sealed(self) -> None:
        pids = (await self.guest.run("cat", PROCESSES)).split()
        for pid in pids:
            status = dict(re.findall(r"(\w+):\s*(\S+)", await self.guest.run("cat", f"/proc/{pid}/status")))
            as_it_should = status["Uid"] != "0" and all(status[name] == value for name, value in SEALED.items())
            self.sees(f"{status['Name']} has no capability, no way to get one, a filter, and is not root", as_it_should)
        inside = ("nsenter", "-t", await self._main(), "-m", "sh", "-c")
        for folder, may in ((one, one in OPEN) for one in (*CLOSED, *OPEN)):
            wrote = await self.guest.says(*inside, f"touch {folder}/trial && rm {folder}/trial && echo wrote")
            self.sees(f"the line {'can' if may else 'cannot'} write in {folder}", wrote.endswith("wrote") == may)

    @asynccontextmanager
    async def conversation(self) -> AsyncIterator[tuple[Phone, Phone | None]]:
        """Real phones on another host: a caller who says no to the machine, and the first Listener who is rung."""
        book = await self.guest.run("wingline", "site", "phones")
        cells = {cell_of(listener) for listener in LISTENERS}
        rows = [line.split()[1:4] for line in book.splitlines() if line.startswith(("cell", "listener"))]
        caller = next(row for row in rows if row[0] not in cells)
        async with AsyncExitStack() as plugged:
            listeners = [await plugged.enter_async_context(self._phone(*row)) for row in rows if row[0] in cells]
            phone = await plugged.enter_async_context(self._phone(*caller))
            await phone.dial("100")
            self.sees("a call is answered", await phone.connects(20))
            # The language and the notice may still be spoken; who knows the line presses at once.
            ringing = await self._rung(phone, listeners)
            self.sees("a Listener is rung", ringing)
            if ringing is not None:
                await ringing.answer()
                await asyncio.sleep(1)
                await ringing.press("1")
                await asyncio.sleep(3)
            yield phone, ringing

    async def _rung(self, caller: Phone, listeners: list[Phone]) -> Phone | None:
        for _ in range(40):
            if found := next((one for one in listeners if one.ringing), None):
                return found
            await caller.press("2")
            await asyncio.sleep(1.5)
        return None

    def _phone(self, place: str, name: str, secret: str) -> Phone:
        found = programs()
        registrar = (self.guest.host.address, 5060)
        line = Line(
            ["ip", "netns", "exec", self.phones.namespace, *found.command("baresip")],
            found.baresip_modules(), name, secret, registrar, address=self.phones.address, there=self.phones.here,
        )  # fmt: skip
        return Phone(place, line, folder=self.folder / "phones" / name)

    async def is_killed(self) -> None:
        line, main = await self._line(), await self._main()
        await self.guest.run("kill", "-9", line)
        self.sees("a killed line is back, under the same wingline up", await self._changed(self._line, line))
        self.sees("… which systemd did not have to start", await self._main() == main)
        await self.guest.run("kill", "-9", main)
        self.sees("a killed wingline up is started again by systemd", await self._changed(self._main, main))
        self.sees("… and is up", await self._is_up(BACK_SECONDS))

    async def is_backed_up(self) -> None:
        await self.guest.run("systemctl", "start", "wingline-backup")
        self.sees("the unit makes a backup", await self.guest.run("ls", "/var/backups/wingline"))
        timers = await self.guest.run("systemctl", "list-timers", "--no-pager")
        self.sees("the timer has its next time", "wingline-backup.timer" in timers)

    async def is_changed(self, package: str, release: str, before: str) -> None:
        """To the next package and back, with a call that goes on."""
        async with self.conversation() as (caller, listener):
            main, line = await self._main(), await self._line()
            await self.installs(package)
            self.sees("apt install changes nothing that runs", (await self._main(), await self._line()) == (main, line))
            await self._reloaded(release)
            back = 'ln -sfnT "$(readlink /opt/wingline/previous)" /opt/wingline/current'
            await self.guest.run("sh", "-c", back)
            await self._reloaded(before)
            self.sees("the same wingline up, the same call", await self._main() == main and caller.in_call)
            if listener is not None:
                self.sees(
                    "… in which each hears the other", await heard(caller, listener) and await heard(listener, caller)
                )

    async def _reloaded(self, release: str) -> None:
        await self.guest.run("systemctl", "reload", "wingline")
        ran = await self.guest.run("systemctl", "show", "wingline", "--property", "ExecReload")
        # One line for each command; what the second does may fail without failing the reload.
        ended_well = [shown.rstrip(" }").endswith("status=0") for shown in ran.splitlines()]
        self.sees("… each of its commands ends well", len(ended_well) == RELOADS and all(ended_well))
        line = await self.guest.run("cat", f"/proc/{await self._line()}/cmdline")
        self.sees(f"systemctl reload brings the line to {release}", f"/releases/{release}/" in line)

    async def is_restarted(self) -> None:
        main = await self._main()
        await self.guest.run("systemctl", "restart", "wingline")
        self.sees("systemctl restart: another wingline up", await self._main() != main)
        self.sees("… and is up again", await self._is_up(BACK_SECONDS))

    async def is_purged(self) -> None:
        await self.guest.run("apt-get", "purge", "-y", "wingline")
        self.sees("purge ends everything", not await self.guest.says("pgrep", "-u", "wingline"))
        for gone in ("/opt/wingline", "/etc/wingline/wingline.env", "/lib/systemd/system/wingline.service"):
            self.sees(f"purge takes {gone} away", "No such" in await self.guest.says("ls", gone))
        kept = await self.guest.says("ls", "/var/lib/wingline/site/wingline.db", "/var/backups/wingline")
        self.sees("purge leaves site and backups", "No such" not in kept and ".age" in kept)

    async def _is_up(self, within: float) -> bool:
        """The start that systemd made last has said so."""
        words = ("journalctl", "--no-pager", "-q", "-o", "cat")
        for _ in range(int(within)):
            said = await self.guest.says(*words, f"_PID={await self._main()}")
            if "Up. The console" in said:
                return True
            await asyncio.sleep(1)
        return False

    async def _changed(self, what: Callable[[], Awaitable[str]], before: str) -> bool:
        for _ in range(int(BACK_SECONDS)):
            if await what() not in {before, "", "0"}:
                return True
            await asyncio.sleep(1)
        return False

    async def _main(self) -> str:
        return await self.guest.says("systemctl", "show", "-p", "MainPID", "--value", "wingline")

    async def _line(self) -> str:
        return await self.guest.says("pgrep", "-o", "-f", "wingline[.]line")


async def heard(one: Phone, other: Phone) -> bool:
    """What one says the other hears; said again until it is, as people do."""
    words = await Voices({"flite": programs().command("flite")}).speak("Hello, can you hear me now")
    hearing = asyncio.create_task(other.hears(words, 15, since=time.monotonic()))
    while not hearing.done():
        await one.says(words)
    return await hearing is not None
