"""The whole examination, in order: what needs nothing, what needs a running line, and the test call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from time import monotonic

from ivr.ami import Ami
from ivr.listening_switch import off_at
from ivr.mirror import members, phones_on_duty
from ivr.prompts.texts import languages
from models.clock import now
from models.database import Database
from models.errors import NotConnected, WinglineError
from wingline.certificates import tls_files
from wingline.doctor import asterisk, machine, profiles, records, rehearsals, wire
from wingline.doctor.backups import backups
from wingline.doctor.contacts import contacts
from wingline.doctor.finding import Finding, Grade, failed, ok, warning
from wingline.doctor.production import Installation, missing_for_production
from wingline.doctor.self_call import call_itself, model_hears
from wingline.phone_book import on_duty_phones, posts_of
from wingline.settings import Settings, read_secrets, speech_door
from wingline.setup.paths import places
from wingline.setup.programs import programs
from wingline.site import SiteFile, read_site
from wingline.watchdog import asterisk_answers, line_answers, speech_answers

CONNECT_SECONDS = 3.0
OUT_OF_STEP_SECONDS = 20.0

Told = Callable[[Finding], None]


@asynccontextmanager
async def linked(settings: Settings) -> AsyncIterator[Ami]:
    """Asterisk's manager interface, or NotConnected."""
    async with Ami("127.0.0.1", settings.ami_port, "wingline", read_secrets(settings.data)["ami"]) as ami:
        deadline = monotonic() + CONNECT_SECONDS
        while not ami.connected:
            if monotonic() > deadline:
                raise NotConnected("Asterisk")
            await asyncio.sleep(0.02)
        yield ami


async def examine(settings: Settings, *, quick: bool, told: Told = lambda _finding: None) -> list[Finding]:
    """Each finding is told as soon as it is known."""
    examination = _Examination(settings, told)
    site = examination.site()
    if site is not None:
        await examination.at_rest(site)
        await examination.running(site, quick=quick)
    return examination.findings


def production(settings: Settings) -> list[Finding]:
    """What is missing for production."""
    site = read_site(settings.site_file)
    with closing(Database(settings.database_url)) as opened:
        count = opened.do(partial(records.accounts, site=site.id))
    return missing_for_production(Installation(settings=settings, site=site, accounts=count, languages=languages()))


class _Examination:
    def __init__(self, settings: Settings, told: Told) -> None:
        self.settings = settings
        self.findings: list[Finding] = []
        self._told = told

    def site(self) -> SiteFile | None:
        try:
            site = read_site(self.settings.site_file)
        except WinglineError as error:
            self._add(failed("site", str(error), "wingline site apply FILE"))
            return None
        self._add(ok("site", f"{site.site.name}, profile {site.site.profile}"))
        return site

    async def at_rest(self, site: SiteFile) -> None:
        """What can be known without a running line."""
        self._add(machine.disk(self.settings.data))
        self._add(machine.clock())
        tls = tls_files(self.settings, site.phones).certificate if site.phones.secure else None
        self._add(wire.certificate(tls, now()))
        for language in languages():
            self._add(await asyncio.to_thread(machine.prompts, self.settings.prompts, language))
        self._add(await asyncio.to_thread(machine.model, places()))
        own = (self.settings.own_recordings, self.settings.prompts)
        self._add(await asyncio.to_thread(machine.no_sound_kept, self.settings.data, own))
        with closing(Database(self.settings.database_url)) as opened:
            state = records.database(opened)
            self._add(state)
            if state.grade is Grade.OK:
                self._add(opened.do(partial(records.owner, site=site.id)))
                self._add(opened.do(partial(records.rota, site=site.id, now=now())))
                self._add(opened.do(partial(profiles.signed, site=site.id, now=now())))
                last = opened.do(partial(rehearsals.rehearsed, site=site, now=now()))
                self._add(rehearsals.drills(site, last.drill))
                self._add(rehearsals.nightly(site, last.night, now(), phones=rehearsals.has_phones()))
                self._add(*opened.do(partial(backups, settings=self.settings, site=site, now=now())))
        self._add(*await contacts(self.settings, site))

    async def running(self, site: SiteFile, *, quick: bool) -> None:
        names = ("asterisk", "speech", "line")
        proofs = (asterisk_answers, speech_answers, line_answers)
        up = dict(zip(names, await asyncio.gather(*(proof(self.settings) for proof in proofs)), strict=True))
        for name, answers in up.items():
            self._add(ok(name, "answers") if answers else failed(name, "not up", "start it with make run"))
        if not up["asterisk"]:
            return
        try:
            async with linked(self.settings) as ami:
                await self._in_asterisk(site, ami, line_up=up["line"])
                if up["speech"] and not quick:
                    self._add(*await self._by_ear(site, ami))
        except WinglineError as error:
            port = self.settings.ami_port
            do = f"end wingline up and start it again; does another Asterisk use port {port} (WINGLINE_AMI_PORT)?"
            self._add(failed("asterisk", str(error), do))

    async def _by_ear(self, site: SiteFile, ami: Ami) -> list[Finding]:
        with closing(Database(self.settings.database_url)) as opened:
            off = opened.do(partial(off_at, site=site.id))
        if off:
            says = "not tried: the listening is turned off, and the line lets nobody be heard"
            return [warning("test sentence", says, "wingline listening show says since when and why")]
        speech = speech_door(self.settings)
        return [await model_hears(speech), *await call_itself(ami, speech)]

    async def _in_asterisk(self, site: SiteFile, ami: Ami, *, line_up: bool) -> None:
        self._add(await asterisk.rights(ami))
        self._add(await asterisk.nothing_records(ami, asterisk.loadable_modules(programs().asterisk_modules())))
        self._add(await asterisk.fallback(ami))
        away = await asterisk.away_phones(ami)
        with closing(Database(self.settings.database_url)) as opened:
            posts = opened.do(partial(posts_of, site=site.id))
            on_duty = opened.do(partial(on_duty_phones, site=site.id, now=now()))
            self._add(asterisk.staff_phones(posts, away), asterisk.listener_phones(on_duty, away))
            self._add(await self._queue(site, ami, opened, line_up=line_up))

    async def _queue(self, site: SiteFile, ami: Ami, opened: Database, *, line_up: bool) -> Finding:
        """The line brings the queue in step every few seconds; a change of this moment is not a fault."""
        deadline = monotonic() + (OUT_OF_STEP_SECONDS if line_up else 0)
        while True:
            away = await asterisk.away_phones(ami)
            phones = opened.do(partial(phones_on_duty, site=site.id, unreachable=away))
            finding = asterisk.queue(phones, await members(ami), line_up=line_up)
            if finding.grade is Grade.OK or monotonic() > deadline:
                return finding
            await asyncio.sleep(1)

    def _add(self, *findings: Finding) -> None:
        for finding in findings:
            self.findings.append(finding)
            self._told(finding)
