"""What a coordinator does to the rota, each act in one transaction and by the same rules as everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console.language import Cannot, _
from console.rota.desk import day_from
from console.rota.moves import planned, refusal
from console.rota.store import Looking, draft_facts, listener_called, names_of, slot_called, swap_about
from console.rota.wording import Done, rules
from models.words import SiteId
from rota import changes, own_shifts, site_rota, swaps
from rota.changes import Doing
from rota.moving import why_not
from rota.scheme import Scheme
from rota.seats import hold, shift_from, write
from rota.site_rota import By, rewrites_the_past
from rota.slot import Slot, day_in
from rota.store import shift_of
from rota.swaps import Around, OpenSwap

# Who decided a swap that nobody had to look at.
BY_RULE = "rule"

# Says what was done, so that it can be recorded; an AskersFault when it was not.
Act = Callable[[Session], Done]


@dataclass(frozen=True, slots=True)
class Acting:
    """A coordinator with a site's rota at one moment."""

    site: SiteId
    scheme: Scheme
    by: By
    swaps_by_rule: bool = False

    def doing(self, what: Done) -> Doing:
        return Doing(what.value, self.by)

    @property
    def now(self) -> datetime:
        return self.by.at


def slot_of(session: Session, site: SiteId, scheme: Scheme, name: str) -> Slot:
    """By its name, which ends with the day on which it begins."""
    return slot_called(session, site, scheme, name, day_from(day_in(name)))


def give(acting: Acting, slot: str, code_name: str) -> Act:
    def act(session: Session) -> Done:
        wanted = slot_of(session, acting.site, acting.scheme, slot)
        if wanted.ends_at <= acting.now:
            raise Cannot(_("cannot give the seat: the shift is over"))
        listener = listener_called(session, acting.site, code_name)
        forbidden = own_shifts.take(session, acting.site, acting.scheme, listener, slot)
        if forbidden:
            raise Cannot(_("cannot give the seat to %(name)s: %(why)s", name=code_name, why=rules(forbidden)))
        given = shift_from(session, acting.site, listener, wanted.starts_at, wanted.ends_at)
        changes.note(session, acting.site, acting.doing(Done.SHIFT_GIVEN), put=[given] if given else [])
        return Done.SHIFT_GIVEN

    return act


def take_off(acting: Acting, shift: str) -> Act:
    def act(session: Session) -> Done:
        gone = site_rota.take_off(session, acting.site, shift, now=acting.now)
        changes.note(session, acting.site, acting.doing(Done.SHIFT_TAKEN_OFF), out=[gone])
        return Done.SHIFT_TAKEN_OFF

    return act


def move(acting: Acting, look: Looking, shift_id: str, to: str) -> Act:
    """To somebody else, to an empty seat, or in exchange: one act, by the rules of a published rota."""

    def act(session: Session) -> Done:
        hold(session, acting.site)
        problem, change, done = planned(session, look, shift_of(session, acting.site, shift_id), to)
        if any(slot.starts_at <= acting.now for slot in change.slots):
            raise Cannot(_("cannot move the shift: it has begun; take the Listener off, and suggest somebody else"))
        forbidden = why_not(problem, change)
        if forbidden:
            raise Cannot(_("cannot move the shift: %(why)s", why=refusal(forbidden, names_of(session, acting.site))))
        gone, put = write(session, acting.site, problem, change)
        changes.note(session, acting.site, acting.doing(done), out=gone, put=put)
        return done

    return act


def take_back(acting: Acting, change: str) -> Act:
    def act(session: Session) -> Done:
        forbidden = changes.take_back(session, acting.site, acting.scheme, change, now=acting.now)
        if forbidden:
            raise Cannot(
                _("cannot take the change back: %(why)s", why=refusal(forbidden, names_of(session, acting.site)))
            )
        return Done.CHANGE_TAKEN_BACK

    return act


def ask_for_swap(acting: Acting, shift: str) -> Act:
    def act(session: Session) -> Done:
        swaps.ask(session, acting.site, shift, now=acting.now)
        return Done.SWAP_ASKED

    return act


def accept_swap(acting: Acting, swap_id: str, code_name: str) -> Act:
    def act(session: Session) -> Done:
        swap, around = swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        listener = listener_called(session, acting.site, code_name)
        forbidden = swaps.accept(session, around, swap_id, listener, now=acting.now)
        if forbidden:
            raise Cannot(_("cannot give the shift to %(name)s: %(why)s", name=code_name, why=rules(forbidden)))
        if not acting.swaps_by_rule:
            return Done.SWAP_ACCEPTED
        return _change_hands(session, acting, around, swap, BY_RULE)

    return act


def approve_swap(acting: Acting, swap_id: str) -> Act:
    def act(session: Session) -> Done:
        swap, around = swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        forbidden = around.why_not(swap.accepted_by) if swap.accepted_by else ()
        if forbidden:
            # In our words: those of the swap itself name the rule, also one that nobody is to learn.
            raise Cannot(_("cannot approve the swap: %(why)s; refuse it, or find somebody else", why=rules(forbidden)))
        return _change_hands(session, acting, around, swap, acting.by.who)

    return act


def _change_hands(session: Session, acting: Acting, around: Around, swap: OpenSwap, who: str) -> Done:
    before = shift_of(session, acting.site, swap.shift)
    swaps.approve(session, around, swap.id, who=who, now=acting.now)
    after = shift_of(session, acting.site, swap.shift)
    changes.note(session, acting.site, acting.doing(Done.SWAP_APPROVED), out=[before], put=[after])
    return Done.SWAP_APPROVED


def refuse_swap(acting: Acting, swap_id: str) -> Act:
    def act(session: Session) -> Done:
        swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        swaps.refuse(session, swap_id, who=acting.by.who, now=acting.now)
        return Done.SWAP_REFUSED

    return act


def withdraw_swap(acting: Acting, swap_id: str) -> Act:
    def act(session: Session) -> Done:
        swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        swaps.withdraw(session, swap_id, now=acting.now)
        return Done.SWAP_WITHDRAWN

    return act


def publish(acting: Acting, rota: str) -> Act:
    """RotaBreaksRules when a rule is broken: the page of the draft says which, in our words."""

    def act(session: Session) -> Done:
        facts = draft_facts(session, acting.site, acting.scheme, rota)
        if rewrites_the_past(facts.problem, facts.draft.assigned, now=acting.now):
            raise Cannot(_("cannot publish the rota: it changes a shift that has begun; make a new draft"))
        site_rota.publish(session, acting.site, facts.problem, facts.draft, acting.by)
        return Done.ROTA_PUBLISHED

    return act


def discard(acting: Acting, rota: str) -> Act:
    def act(session: Session) -> Done:
        site_rota.discard(session, acting.site, rota)
        return Done.ROTA_DISCARDED

    return act
