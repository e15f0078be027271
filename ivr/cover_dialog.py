"""What a Listener hears whose phone rings for an empty place on the rota: which one, and two keys."""

import structlog
from sqlalchemy.orm import Session as Db

from ivr import cover_store
from ivr.agi import Session
from ivr.asking import Asking
from ivr.cover_store import Place
from ivr.ports import Ports
from ivr.spoken_time import Prompts, spoken_shift
from ivr.voice import Voice
from models.clock import now
from models.words import CoverEnd, Prompt
from rota import own_shifts
from rota.people import zone_of
from rota.scheme import Scheme

log = structlog.get_logger()

_SAID = {
    CoverEnd.CANNOT: Prompt("cover/cannot"),
    CoverEnd.LOST: Prompt("cover/filled"),
    CoverEnd.MISSED: Prompt("cover/no-key"),
}


class CoverDialog:
    """One Listener, one place. Nobody is asked why they cannot."""

    def __init__(self, asking: Asking, ports: Ports, cover: str) -> None:
        self._asking = asking
        self._ports = ports
        self._cover = cover

    async def run(self, scheme: Scheme) -> None:
        found = await self._ports.database.run(lambda db: self._question(db, scheme))
        if found is None:
            await self._asking.say(_SAID[CoverEnd.LOST])
            return
        place, question = found
        key = await self._asking.choose(question, ("1", "2"))
        how = {"1": CoverEnd.TAKEN, "2": CoverEnd.CANNOT}.get(key, CoverEnd.MISSED)
        how = await self._ports.database.run(lambda db: self._end(db, place, scheme, how=how))
        log.info("cover.answered", cover=self._cover, outcome=how)
        self._ports.changed()
        taken = Prompt("own/signed-on" if place.late else "own/shift-is-yours")
        await self._asking.say(_SAID.get(how, taken))

    def _question(self, db: Db, scheme: Scheme) -> tuple[Place, Prompts] | None:
        place = cover_store.place_of(db, self._ports.site, scheme, self._cover)
        if place is None:
            return None
        begin = Prompt("cover/listener-line")
        if place.late:
            return place, (begin, Prompt("cover/late"))
        when = spoken_shift(place.starts_at, place.ends_at, now=now(), zone=zone_of(db, self._ports.site))
        return place, (begin, Prompt("cover/empty"), *when, Prompt("cover/can-you-take-it"))

    def _end(self, db: Db, place: Place, scheme: Scheme, *, how: CoverEnd) -> CoverEnd:
        """The rules decide whether a yes came in time; who takes a shift that runs is there."""
        if (
            how is CoverEnd.TAKEN
            and not place.late
            and own_shifts.take(db, self._ports.site, scheme, place.listener, place.slot)
        ):
            how = CoverEnd.LOST
        if how is CoverEnd.TAKEN and (place.late or place.starts_at <= now()):
            own_shifts.check_in(db, place.listener, now=now())
        cover_store.end(db, self._cover, how=how, now=now())
        return how


async def answer(ports: Ports, session: Session) -> None:
    """One session of the dialplan's script "cover"."""
    cover = await session.get_variable("WL_COVER")
    if ports.scheme:
        await CoverDialog(Asking(Voice(session), ports), ports, cover).run(ports.scheme)
