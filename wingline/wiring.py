"""The one place that knows everybody: makes the parts of the line and joins them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import structlog

from console.ports import HearingNow
from escalation.case import ByStaff, Closed, Warn
from escalation.engine import Engine
from escalation.profile import Welfare
from ivr import agi
from ivr.ami import Ami
from ivr.asterisk_legs import AsteriskLegs
from ivr.cover_calls import CoverCalls
from ivr.desk import Desk
from ivr.gone_phones import LOOK_EVERY_SECONDS, GonePhones
from ivr.keypads import Keypads
from ivr.mirror import QueueMirror
from ivr.owed import Owed, settle
from ivr.ports import Ports
from ivr.prompt_files import PromptFiles
from ivr.reconcile import reconcile
from ivr.recorder import SCRIPT as RECORD
from ivr.recorder import Recorder
from ivr.staff_acts import StaffActs
from ivr.staff_ringer import StaffRinger
from ivr.unanswered import Unanswered
from models.clock import now, of_database
from models.database import Database
from models.errors import NotAllowed
from models.traced import Facts, Step, moment
from models.words import EscalationId, NodeId, Outcome, PhoneId
from wingline.clock_watch import ClockWatch
from wingline.console_server import ConsoleServer
from wingline.handover import Dialogs, Doors, Handover, ask_for_doors, let_go_of_callers, quiet_moment
from wingline.heads_here import HeadsHere
from wingline.hourly import EVERY_SECONDS, Hourly
from wingline.listening import Listening, ears_of
from wingline.messaging import outbox_of
from wingline.metrics.exposing import exposed
from wingline.movement_watch import MovementWatch
from wingline.nightly_site import with_itself
from wingline.people_file import PeopleFile
from wingline.rehearsals import Rehearsals
from wingline.settings import Settings, read_secrets
from wingline.site import SiteFile, read_site
from wingline.site_profiles import REFRESH_SECONDS, SiteProfiles
from wingline.ticking import Tick, Ticking
from wingline.traces_part import traces_of
from wingline.until_database import until_the_database_answers

log = structlog.get_logger()

LINKED_WITHIN_SECONDS = 5
RECONCILE_EVERY_SECONDS = 3
MIRROR_EVERY_SECONDS = 15
MOVEMENTS_EVERY_SECONDS = 3
COVER_EVERY_SECONDS = 5
REHEARSE_EVERY_SECONDS = 2


class Line:
    """One line node: calls, escalations, console."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.site: SiteFile = read_site(settings.site_file)
        secrets = read_secrets(settings.data)
        self.traces = traces_of(self.site.traces)
        self.database = Database(settings.database_url)
        self.database.on_trouble = partial(moment, self.traces.spans, Step.DATABASE_TROUBLE)
        self._agi_secret = secrets["agi"]
        self.ami = Ami("127.0.0.1", settings.ami_port, "wingline", secrets["ami"])
        self.legs = AsteriskLegs(self.ami)
        self.ears = ears_of(settings)
        self._changed = asyncio.Event()
        staff = StaffRinger(self.legs)
        self.engine = Engine(
            self.database,
            staff,
            console=self,
            people=PeopleFile(self.site.people.file if self.site.people else None),
            unreachable=lambda: self.legs.unreachable,
            node=NodeId(settings.node),
            contacts=[part.contact() for part in self.site.contacts],
            clock=lambda session, _: of_database(session),
            traces=self.traces.spans,
            linked=lambda: self.ami.connected,
            untaken=staff.untaken,
        )
        staff.orders = self.engine
        self.profiles = SiteProfiles(settings, self.site, self.database)
        self.listening = Listening(self.database, self.site.id, self.ears)
        self.ports = Ports(
            database=self.database,
            telephony=self.legs,
            engine=self.engine,
            ears=self.ears,
            prompts=PromptFiles(settings.prompts),
            site=self.site.id,
            rules=lambda: self.listening.rules(self.profiles.rules()),
            changed=self.change,
            errands=staff.errands,
            node=NodeId(settings.node),
            scheme=self.site.scheme_if_settled(),
            swaps_by_rule=self.site.swaps_by_rule,
            same_wing_too=self.site.same_wing_too,
            owed=Owed(settings.data / "owed"),
            being_told=staff.being_told,
            traces=self.traces.spans,
        )
        self.desk = Desk(self.database.do(partial(with_itself, self.ports)))
        self.rehearsals = Rehearsals(settings, self.site, self.desk)
        self.acts = StaffActs(self.ports, self.desk.acknowledged)
        self.cover = CoverCalls(self.ports)
        self.mirror = QueueMirror(self.ami, self.database, self.site.id, unreachable=lambda: self.legs.unreachable)
        self.gone_phones = GonePhones(self.ami, self.legs.live_legs)
        self.movements = MovementWatch(settings, self.database, self.site.id, self.ami, self._listeners_changed)
        self.outbox = outbox_of(settings, self.site, self.database)
        self.hourly = Hourly(self.database, self.site, settings.data, self._listeners_changed)
        self.heads = HeadsHere(settings.data, self.site.id, self.site.site.zone)
        self.ticking = Ticking()
        self.clocks = ClockWatch(self.database, self.engine, self.site.id, NodeId(settings.node))
        self.recorder = Recorder(self.ports, settings.data / "spoken")
        self._console = ConsoleServer(self, secrets["console"])
        self._dialogs = Dialogs(Unanswered(self.ami).watched(Keypads(self.ami).followed(self._answer)))
        self._looked = asyncio.Event()  # everything that lives in Asterisk has been looked at

    # ---- running

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await until_the_database_answers(self.profiles.refresh)
        self.ears.on_flag = self.desk.flagged
        self.ears.on_lost = self.desk.hearing_lost
        self.ears.on_behind = self.desk.fell_behind
        self.ears.on_change = self._hearing_changed
        self.ears.on_left_out = self.change
        await until_the_database_answers(self.listening.look)
        self.ami.on_up = self._asterisk_up
        self.ami.on_down = self._asterisk_down
        before = await ask_for_doors(self.settings.data)
        self._handover = Handover(self.settings.data, before.doors if before else Doors.opened(self.settings))
        if before:
            await before.has_let_go()
        self._handover.listen()
        listening = asyncio.create_task(self.ears.run())
        async with self.ami:
            if before:
                taking_over = self.traces.spans.begin(Step.TAKE_OVER)
                await self._until_looked()
                taking_over.end(Facts(calls=len(self.desk.calls)))
            calls = self._handover.doors.calls.dup()
            async with await agi.serve_at(calls, self._dialogs, secret=self._agi_secret) as self._answering:
                # Then what still rings for a line that died can be stopped, and each caller's phone is known again.
                await self._until_looked()
                await until_the_database_answers(lambda: self.engine.recover(now()))
                self.ports.errands.start(settle(self.ports.owed, self.engine, self.site.id, self.ports.profile))
                self._start_ticking()
                console = asyncio.create_task(self._console.at(self._handover.doors.console))
                async with exposed(self):
                    yield
        await self.ticking.stop()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        self.ports.errands.stop()
        await self.outbox.stop()
        await self.rehearsals.stop()
        # A next process begins here; only pages are still sent.
        self._handover.close()
        self._console.stop()
        await console
        await self.traces.stop()
        self.database.close()

    async def _answer(self, session: agi.Session) -> None:
        """A session of the dialplan: of somebody who records a prompt, or of a call."""
        await (self.recorder.answer(session) if session.script.path == RECORD else self.desk.answer(session))

    async def hand_over(self) -> None:
        """Until a next process has asked, and has the doors: from then on nothing begins here."""
        while not await self._handover.asked_and_given(partial(quiet_moment, self._dialogs, self.desk)):
            log.info("handover.withdrawn")
        handing_over = self.traces.spans.begin(Step.HAND_OVER, Facts(calls=len(self.desk.calls)))
        self.ticking.pause()
        self._answering.close()
        self._console.stop()
        await let_go_of_callers(self.desk, self.ami)
        handing_over.end()

    async def _until_looked(self) -> None:
        """Whoever waits at the door is known when they are answered; but not for ever is waited."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._looked.wait(), LINKED_WITHIN_SECONDS)

    def _start_ticking(self) -> None:
        """What is due is a row, so a tick that is missed loses nothing."""
        again = self.ticking.every
        again(1, self.clocks.look, first_after=0)
        again(1, self._tick)
        again(1, self._send)
        again(1, self.listening.look)
        again(RECONCILE_EVERY_SECONDS, self._linked(partial(reconcile, self.desk)))
        again(LOOK_EVERY_SECONDS, self._linked(self.gone_phones.look))
        again(COVER_EVERY_SECONDS, self._linked(lambda: self.cover.tick(now())))
        again(MOVEMENTS_EVERY_SECONDS, self.movements.tick)
        again(MIRROR_EVERY_SECONDS, self._linked(self.mirror.bring_in_step))
        again(REFRESH_SECONDS, self.profiles.refresh)
        again(REHEARSE_EVERY_SECONDS, self._rehearse)
        again(EVERY_SECONDS, self._each_hour, first_after=0)

    async def _tick(self) -> None:
        await self.engine.tick(now())

    async def _send(self) -> None:
        await self.outbox.tick(now())

    async def _rehearse(self) -> None:
        await self.rehearsals.tick(now())

    def _linked(self, work: Tick) -> Tick:
        """Work for which Asterisk is asked: nothing while the link is down."""

        async def work_if_linked() -> None:
            if self.ami.connected:
                await work()

        return work_if_linked

    async def _each_hour(self) -> None:
        await self.hourly.tick(self.welfare, now())

    async def _listeners_changed(self) -> None:
        await self._linked(self.mirror.bring_in_step)()
        self.change()

    async def _asterisk_up(self) -> None:
        await self.legs.refresh_phones()
        await reconcile(self.desk)
        self._looked.set()
        await self.mirror.bring_in_step()
        self.change()

    async def _asterisk_down(self) -> None:
        self.change()

    def _hearing_changed(self) -> None:
        if self.ears.listens:
            self.desk.hearing_back(self.ears.heard)
        self.change()

    # ---- console.ports.LineView

    @property
    def asterisk_up(self) -> bool:
        return self.ami.connected

    @property
    def unreachable(self) -> frozenset[PhoneId]:
        return self.legs.unreachable

    @property
    def welfare(self) -> Welfare:
        return self.profiles.at(now()).welfare

    @property
    def backup_warn_after(self) -> timedelta | None:
        return self.site.backups.warn_after if self.site.backups else None

    def hearing(self) -> HearingNow:
        return self.listening.now()

    async def wait_for_change(self, at_most: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), at_most)

    def change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def happened(self, escalation: EscalationId, event: ByStaff) -> None:
        if not await self.acts.happened(escalation, event):
            raise NotAllowed("record this", "somebody else has, or it is closed")

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        if not await self.acts.close(escalation, Closed(by, spoken, outcome)):
            raise NotAllowed("close", "it is closed already")

    # ---- escalation.ports.Console

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        """The board reads what stands in the database; it is only told to look."""
        del escalation, why
        self.change()
