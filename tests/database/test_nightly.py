"""The rows of the nightly call to itself: begun once a night, told of once, and nothing left of the call."""

import asyncio
import tomllib
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, SITE, a_call
from escalation_world import COORDINATOR, PROFILE, TECHNICIAN, World, a_line, a_staffed_prison, raising
from message_builders import a_contact
from races import at_once
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from console.store import facts_of
from escalation.case import Closed
from escalation.nightly import (
    AT_MOST,
    WITHIN,
    Link,
    NightlyId,
    begin_by_hand,
    begin_planned,
    end,
    give_up,
    latest,
    tell_of_broken,
)
from escalation.outbox import ids_due
from escalation.store import Raise
from listeners.order import CallersWishes, order_for
from listeners.store import candidates, claim, offer
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.words import CallId, Cause, EscalationId, Language, Outcome, Post, Seat, SiteId
from wingline.demo.prison import site_toml
from wingline.nightly_site import beside, clear_away, phones, prepare, profile_for_itself, put_on_duty
from wingline.site import SiteFile

OF_SITE, LONDON = SiteId(SITE), ZoneInfo("Europe/London")
BROKEN = Raise(site=OF_SITE, cause=Cause.LINE_BROKEN, profile=PROFILE)
SAFE = Closed("officer", spoken=True, outcome=Outcome.FALSE_ALARM)


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_staffed_prison)
    database.do(lambda session: session.execute(update(tables.Call).values(ended_at=NOON)))
    return database


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def planned(session: Session, seconds: float = 0) -> NightlyId | None:
    return begin_planned(session, OF_SITE, time(12), zone=LONDON, now=after(seconds))


def a_night(prison: Database, broken: Link | None, day: int = 0) -> None:
    seconds = day * 86400
    begun = prison.do(lambda session: planned(session, seconds))
    assert begun
    prison.do(lambda session: end(session, begun, broken, after(seconds + 60)))


def tell(prison: Database, world: World, seconds: float = 0) -> EscalationId | None:
    line = a_line(prison, world)
    return asyncio.run(line.act(lambda turn: tell_of_broken(turn, BROKEN), after(seconds)))


def escalations(prison: Database) -> int:
    return prison.do(lambda session: session.scalar(select(func.count()).select_from(tables.Escalation))) or 0


# ---- once a night


def test_of_several_nodes_one_makes_the_call_of_the_night(prison: Database) -> None:
    begun = at_once(prison, [planned] * 6)

    assert [one for one in begun if one] == [f"nightly-{SITE}-2026-03-10"]
    assert prison.do(planned) is None


def test_it_waits_for_a_moment_in_which_nobody_is_on_the_line_and_not_for_ever(prison: Database) -> None:
    prison.do(lambda session: session.add(a_call("three")))
    assert prison.do(planned) is None

    prison.do(lambda session: session.execute(update(tables.Call).values(ended_at=NOON)))
    assert prison.do(partial(planned, seconds=WITHIN.total_seconds())) is None
    assert prison.do(partial(planned, seconds=WITHIN.total_seconds() - 1)) is not None


def test_it_waits_while_staff_are_being_told_of_somebody(prison: Database) -> None:
    line = a_line(prison, World())
    crisis = asyncio.run(line.raise_escalation(raising(), NOON))
    assert prison.do(planned) is None

    asyncio.run(line.close(crisis, SAFE, after(1)))
    assert prison.do(partial(planned, seconds=2)) is not None


def test_two_calls_are_never_made_at_a_time(prison: Database) -> None:
    prison.do(lambda session: begin_by_hand(session, OF_SITE, NOON))

    assert prison.do(planned) is None
    with pytest.raises(NotAllowed):
        prison.do(lambda session: begin_by_hand(session, OF_SITE, NOON))


# ---- who is told


def test_coordinator_and_technicians_are_told_of_a_broken_link(prison: Database) -> None:
    world = World()
    a_night(prison, Link.HEARD)

    assert tell(prison, world) is not None
    assert world.takes_rung() == {TECHNICIAN, COORDINATOR}
    assert tell(prison, world, 1) is None
    assert prison.do(lambda session: latest(session, OF_SITE))[0].broken is Link.HEARD


def test_the_next_broken_night_joins_what_is_still_open(prison: Database) -> None:
    world = World()
    a_night(prison, Link.HEARD)
    first = tell(prison, world)
    a_night(prison, Link.NOTICE, day=1)

    assert tell(prison, world, 86500) == first
    assert escalations(prison) == 1


def test_when_it_was_closed_and_is_broken_again_they_are_told_again(prison: Database) -> None:
    world = World()
    a_night(prison, Link.HEARD)
    first = tell(prison, world)
    assert first
    asyncio.run(a_line(prison, world).close(first, SAFE, after(100)))
    a_night(prison, Link.HEARD, day=1)

    assert tell(prison, world, 86500) != first
    assert escalations(prison) == 2


def test_a_night_in_which_every_link_held_tells_nobody(prison: Database) -> None:
    a_night(prison, None)

    assert tell(prison, World()) is None
    assert escalations(prison) == 0


def test_who_makes_the_call_by_hand_sees_it_and_nobody_is_rung(prison: Database) -> None:
    begun = prison.do(lambda session: begin_by_hand(session, OF_SITE, NOON))
    prison.do(lambda session: end(session, begun, Link.PHONES, after(9)))

    assert tell(prison, World(), 10) is None


def test_a_call_that_died_is_broken_after_a_while(prison: Database) -> None:
    begun = prison.do(planned)
    assert begun
    patience = AT_MOST.total_seconds()

    assert not prison.do(lambda session: give_up(session, OF_SITE, after(patience - 1)))
    assert prison.do(lambda session: give_up(session, OF_SITE, after(patience)))
    # Its program was slow and not dead; too late.
    prison.do(lambda session: end(session, begun, None, after(patience + 1)))
    assert prison.do(lambda session: latest(session, OF_SITE))[0].broken is Link.FINISHED
    assert tell(prison, World(), patience + 1) is not None


# ---- the site beside the site


def site_file() -> SiteFile:
    site = SiteFile.model_validate(tomllib.loads(site_toml(NOON)))
    return site.model_copy(update={"site": site.site.model_copy(update={"id": SITE})})


@pytest.fixture
def with_itself(prison: Database) -> Database:
    prison.do(lambda session: prepare(session, site_file()))
    prison.do(lambda session: put_on_duty(session, OF_SITE, Language("en"), NOON))
    return prison


def everything(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables.Base.metadata.sorted_tables
    }


def ready(session: Session, site: SiteId) -> tuple[str, ...]:
    """Who would be rung for a caller of this site."""
    wishes = CallersWishes(language=Language("en"), wing=None, backup_wing=None)
    return order_for(wishes, candidates(session, site, now=NOON, unreachable=frozenset()), now=NOON).ring


def test_its_listener_is_rung_for_its_own_caller_and_for_nobody_else(with_itself: Database) -> None:
    assert with_itself.do(lambda session: ready(session, beside(OF_SITE))) == (f"{SITE}_nightly-listener",)
    assert with_itself.do(lambda session: ready(session, OF_SITE)) == ()


def test_the_board_shows_nothing_of_it(with_itself: Database) -> None:
    before = with_itself.do(lambda session: facts_of(session, OF_SITE, NOON))
    with_itself.do(a_talk_with_itself)

    assert with_itself.do(lambda session: facts_of(session, OF_SITE, NOON)) == before


def test_its_phones_keep_their_names_and_secrets(with_itself: Database) -> None:
    before = with_itself.do(lambda session: phones(session, OF_SITE))
    with_itself.do(lambda session: prepare(session, site_file()))

    assert with_itself.do(lambda session: phones(session, OF_SITE)) == before
    assert len({(one.id, one.kind) for one in before}) == 3


def test_no_contact_of_the_prison_is_sent_a_message_about_it(with_itself: Database) -> None:
    with_itself.do(a_talk_with_itself)
    line = a_line(with_itself, World(), contacts=[a_contact(post=Post.TECHNICIAN)])
    own = Raise(
        site=beside(OF_SITE), cause=Cause.DANGER_NOW, profile=profile_for_itself(PROFILE), call=CallId("call-itself")
    )
    asyncio.run(line.raise_escalation(own, NOON))

    waiting = with_itself.do(lambda session: session.scalar(select(func.count()).select_from(tables.Message)))
    assert waiting == 1
    assert with_itself.do(lambda session: ids_due(session, OF_SITE, after(60))) == []


def a_talk_with_itself(session: Session) -> None:
    own = beside(OF_SITE)
    call = CallId("call-itself")
    session.add(a_call("itself", site_id=own))
    session.flush()
    (listener,) = ready(session, own)
    rung = offer(session, call, listener=listener, seat=Seat.FIRST, now=NOON)  # type: ignore[arg-type]
    assert rung
    assert claim(session, rung, now=NOON)
    session.add(tables.RuleCount(site_id=own, month="2026-03", rule="suicide-1", prompted=1, right=0, wrong=0))


def test_no_row_of_a_call_is_left(prison: Database, with_itself: Database) -> None:
    with_itself.do(partial(clear_away, site=OF_SITE))
    before = with_itself.do(everything)
    with_itself.do(lambda session: put_on_duty(session, OF_SITE, Language("en"), NOON))
    with_itself.do(a_talk_with_itself)
    line = a_line(with_itself, World())
    own = Raise(site=beside(OF_SITE), cause=Cause.DANGER_NOW, profile=PROFILE, call=CallId("call-itself"))
    asyncio.run(line.raise_escalation(own, NOON))

    with_itself.do(partial(clear_away, site=OF_SITE))
    left = with_itself.do(everything)
    # The audit can only grow; the node is the one of the line, which lives.
    assert {name for name, count in left.items() if count != before[name]} == {"acts", "nodes"}
    assert prison.do(lambda session: session.scalar(select(func.count()).select_from(tables.Call))) == 2
