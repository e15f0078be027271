"""`wingline up`: a site's line, started, proved, watched and kept running until it is told to end."""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import structlog

from models.errors import AskersFault, WinglineError
from wingline.doctor.examination import examine, production
from wingline.doctor.finding import Grade
from wingline.doctor.report import summary, write_finding
from wingline.in_between import back_up_older
from wingline.leftovers import end_leftovers
from wingline.on_the_site import by_me
from wingline.preparing import Progress, make_ready
from wingline.service import Service
from wingline.settings import Settings
from wingline.setup.steps import console, step
from wingline.watchdog import asterisk_answers, line_answers, speech_answers, watch

log = structlog.get_logger()

UP_SECONDS = 60.0


class NoSite(AskersFault):
    def __init__(self, site_file: Path) -> None:
        super().__init__(
            f"There is no site yet: {site_file} is missing.\n"
            "  What to do: copy docs/site-example.toml, make it your prison's, and then type\n"
            "    .venv/bin/wingline site apply docs/site-example.toml    (with the name of your copy)\n"
            "    make run\n"
            "  To see a whole call without a site: make demo"
        )


class AlreadyUp(AskersFault):
    def __init__(self, data: Path, pid: str) -> None:
        super().__init__(
            f"{data} is already up (process {pid or 'unknown'}).\n"
            "  What to do: end that one first, or set WINGLINE_DATA and other ports for a second site."
        )


class DidNotStart(WinglineError):
    def __init__(self, names: list[str], within: float, logs: Path) -> None:
        super().__init__(
            f"not up after {within:.0f} s: {', '.join(names)}.\n"
            f"  What to do: read {logs}; often a port is in use by another program (WINGLINE_…_PORT changes ours)."
        )


class _ToldToStop(Exception):
    """Before anything was started."""


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Held by the kernel for this process alone, so that it ends with it however it ends."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise AlreadyUp(data, lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


async def run_up(settings: Settings) -> None:
    if not settings.site_file.exists():
        raise NoSite(settings.site_file)
    stop = asyncio.create_task(_told_to_stop())
    with only_one(settings.data):
        if await asyncio.to_thread(end_leftovers, settings):
            console.print("  ended what a killed wingline up had left running")
        if kept := await asyncio.to_thread(back_up_older, settings, by_me()):
            console.print(f"  a backup of what the release before had: {kept}")
        with step("tables, site, prompts, configuration of Asterisk") as making:
            try:
                exchange = await asyncio.to_thread(make_ready, settings, progress=_unless(stop, making.reached))
            except _ToldToStop:
                return
        service = Service(settings, exchange)
        async with kept_running(service, settings) as running:
            _on_hang_up(service)
            proving = asyncio.create_task(prove(settings))
            await _first_of(stop, proving, *running)
            if not stop.done():
                await _first_of(stop, *running)
            proving.cancel()
            console.print("  ending ...")


def _unless(stop: "asyncio.Task[None]", progress: Progress) -> Progress:
    """A first start speaks prompts for minutes, in a thread that nothing else can end."""

    def reached(done: float, total: float) -> None:
        if stop.done():
            raise _ToldToStop
        progress(done, total)

    return reached


@asynccontextmanager
async def kept_running(service: Service, settings: Settings) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The tasks that start what ended and kill what hangs; a hung Asterisk is left to people, for calls are in it."""
    tasks = [asyncio.create_task(child.keep_running()) for child in service.children]
    tasks.append(asyncio.create_task(watch(service.line, partial(line_answers, settings))))
    if service.hears_here:
        tasks.append(asyncio.create_task(watch(service.speech, partial(speech_answers, settings))))
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await service.stop()


async def prove(settings: Settings) -> None:
    """Until everything answers; then what is not well, and what is missing for production."""
    with step("Asterisk, speech, line"):
        await however_long(settings)
    findings = await examine(settings, quick=True)
    for finding in findings:
        if finding.grade is not Grade.OK:
            write_finding(console, finding)
    console.print(f"  preflight: {summary(findings)}; wingline doctor also makes a test call")
    missing = await asyncio.to_thread(production, settings)
    if missing:
        console.print("Missing for production:")
    for finding in missing:
        write_finding(console, finding)
    console.print(
        f"Up. The console: http://{settings.console_host}:{settings.console_port}/   (Ctrl-C ends everything)"
    )


async def however_long(settings: Settings, *, said_every: float = UP_SECONDS) -> None:
    """Says what does not answer, and waits on: it is started again for ever, and calls are taken by what is up."""
    while True:
        try:
            await until_up(settings, within=said_every)
        except DidNotStart as error:
            console.print(f"  {error}")
        else:
            return


async def until_up(settings: Settings, *, within: float = UP_SECONDS) -> None:
    """DidNotStart when something does not answer within so many seconds."""
    proofs = {"Asterisk": asterisk_answers, "speech": speech_answers, "line": line_answers}
    deadline = asyncio.get_running_loop().time() + within
    while proofs := {name: proof for name, proof in proofs.items() if not await proof(settings)}:
        if asyncio.get_running_loop().time() > deadline:
            raise DidNotStart(list(proofs), within, settings.logs)
        await asyncio.sleep(0.1)


async def _told_to_stop() -> None:
    stopped = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_, stopped.set)
    await stopped.wait()


def _on_hang_up(service: Service) -> None:
    """SIGHUP brings the release that is installed now to the line, while calls go on (wingline/upgrading.py)."""
    changing: set[asyncio.Task[None]] = set()

    async def change() -> None:
        log.info("line.handed_over" if await service.line.hand_over() else "line.not_handed_over")

    def begin() -> None:
        if not changing:
            task = asyncio.create_task(change())
            changing.add(task)
            task.add_done_callback(changing.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin)


async def _first_of(*tasks: asyncio.Task[None]) -> None:
    """Raises what the first to end has raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
