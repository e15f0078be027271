"""What a coordinator does to the rota, each act in one transaction and by the same rules as everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console.rota.desk import day_from
from console.rota.store import draft_facts, listener_called, slot_called, swap_about
from console.rota.wording import Done, rules
from models.errors import NotAllowed
from models.words import SiteId
from rota import own_shifts, site_rota, swaps
from rota.scheme import Scheme
from rota.site_rota import By, rewrites_the_past
from rota.slot import Slot, day_in

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

    @property
    def now(self) -> datetime:
        return self.by.at


def slot_of(session: Session, site: SiteId, scheme: Scheme, name: str) -> Slot:
    """By its name, which ends with the day on which it begins."""
    return slot_called(session, site, scheme, name, day_from(day_in(name)))


def give(acting: Acting, slot: str, code_name: str) -> Act:
    def act(session: Session) -> Done:
        if slot_of(session, acting.site, acting.scheme, slot).ends_at <= acting.now:
            raise NotAllowed("give the seat", "the shift is over")
        listener = listener_called(session, acting.site, code_name)
        forbidden = own_shifts.take(session, acting.site, acting.scheme, listener, slot)
        if forbidden:
            raise NotAllowed(f"give the seat to {code_name}", rules(forbidden))
        return Done.SHIFT_GIVEN

    return act


def take_off(acting: Acting, shift: str) -> Act:
    def act(session: Session) -> Done:
        site_rota.take_off(session, acting.site, shift, now=acting.now)
        return Done.SHIFT_TAKEN_OFF

    return act


def ask_for_swap(acting: Acting, shift: str) -> Act:
    def act(session: Session) -> Done:
        swaps.ask(session, acting.site, shift, now=acting.now)
        return Done.SWAP_ASKED

    return act


def accept_swap(acting: Acting, swap_id: str, code_name: str) -> Act:
    def act(session: Session) -> Done:
        _, around = swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        listener = listener_called(session, acting.site, code_name)
        forbidden = swaps.accept(session, around, swap_id, listener, now=acting.now)
        if forbidden:
            raise NotAllowed(f"give the shift to {code_name}", rules(forbidden))
        if not acting.swaps_by_rule:
            return Done.SWAP_ACCEPTED
        swaps.approve(session, around, swap_id, who=BY_RULE, now=acting.now)
        return Done.SWAP_APPROVED

    return act


def approve_swap(acting: Acting, swap_id: str) -> Act:
    def act(session: Session) -> Done:
        swap, around = swap_about(session, acting.site, acting.scheme, swap_id, now=acting.now)
        forbidden = around.why_not(swap.accepted_by) if swap.accepted_by else ()
        if forbidden:
            # In our words: those of the swap itself name the rule, also one that nobody is to learn.
            raise NotAllowed("approve the swap", f"{rules(forbidden)}; refuse it, or find somebody else")
        swaps.approve(session, around, swap_id, who=acting.by.who, now=acting.now)
        return Done.SWAP_APPROVED

    return act


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
            raise NotAllowed("publish the rota", "it changes a shift that has begun; make a new draft")
        site_rota.publish(session, acting.site, facts.problem, facts.draft, acting.by)
        return Done.ROTA_PUBLISHED

    return act


def discard(acting: Acting, rota: str) -> Act:
    def act(session: Session) -> Done:
        site_rota.discard(session, acting.site, rota)
        return Done.ROTA_DISCARDED

    return act
