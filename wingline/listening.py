"""Obeys the switch that turns the listening off: every node of the line looks at it each second."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from console.ports import HearingNow
from escalation.profile import Profile, hearing_on
from ivr.call import Rules
from ivr.ears import SpeechEars
from ivr.listening_switch import Off, off_at
from ivr.many_ears import ManyEars
from ivr.prompts.texts import languages
from models.database import Database
from models.words import Hearing, Instant, Language, SiteId
from wingline.settings import Settings, flags_doors
from wingline.site import SiteFile

log = structlog.get_logger()


class Listening:
    """What it said last counts while the database cannot be read."""

    def __init__(self, database: Database, site: SiteId, ears: SpeechEars | ManyEars) -> None:
        self._database = database
        self._site = site
        self._ears = ears
        self._off: Off | None = None

    async def look(self) -> None:
        off = await self._database.run(lambda session: off_at(session, self._site))
        if off == self._off:
            return
        self._off = off
        await self._ears.turn(off=off is not None)
        log.info("listening.off" if off else "listening.on")

    def rules(self, rules: Rules) -> Rules:
        """A call that begins while it is off is told of no machine, asked nothing, and heard by none."""
        return replace(rules, hearing=Hearing.OFF) if self._off else rules

    def now(self) -> HearingNow:
        ears = self._ears
        return HearingNow(ears.listens, ears.since, ears.left_out, self._off, ears.unheard)


def mode_of(session: Session, site: SiteFile, profile: Profile, at: Instant) -> Hearing:
    """How a call in the site's own language is heard that begins now; for a program that is not the line."""
    heard = {one.code for one in languages() if one.heard}
    if Language(site.site.language) not in heard or off_at(session, site.id):
        return Hearing.OFF
    return hearing_on(profile, at.astimezone(ZoneInfo(site.site.zone)).date())


def ears_of(settings: Settings) -> SpeechEars | ManyEars:
    """One speech process on this machine, or all of those behind the proxy (deploy/cluster)."""
    ears = [SpeechEars(door) for door in flags_doors(settings)]
    return ears[0] if len(ears) == 1 else ManyEars(ears)
