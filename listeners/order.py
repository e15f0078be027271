"""Which Listeners to ring for a caller, in which order, and why not the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from listeners.candidate import Candidate
from listeners.standing import may_take_calls
from models.words import Cover, Language, LeftOut, ListenerId, WingId

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallersWishes:
    """What the caller chose, and the wings nearest to the phone that rang."""

    language: Language
    # Where the caller is must not reach a log by way of a repr (domain.md 5.3, C5).
    wing: WingId | None = field(default=None, repr=False)
    backup_wing: WingId | None = field(default=None, repr=False)
    same_again: ListenerId | None = None
    not_again: frozenset[ListenerId] = frozenset()
    # Who must be kept apart from whoever is in this cell; nobody learns why they are not rung.
    kept_apart: frozenset[ListenerId] = field(default=frozenset(), repr=False)
    already_rung: frozenset[ListenerId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Every candidate once: in ``ring``, first to last, or in ``left_out`` with the reason."""

    ring: tuple[ListenerId, ...]
    left_out: tuple[tuple[ListenerId, LeftOut], ...]


def order_for(wants: CallersWishes, candidates: Sequence[Candidate], *, now: datetime) -> Order:
    willing: list[Candidate] = []
    left_out: list[tuple[ListenerId, LeftOut]] = []
    for candidate in sorted(candidates, key=lambda candidate: _rank(candidate, wants)):
        reason = _why_left_out(candidate, wants, now)
        if reason is None:
            willing.append(candidate)
        else:
            left_out.append((candidate.id, reason))
    return Order(ring=tuple(candidate.id for candidate in willing), left_out=tuple(left_out))


def _why_left_out(candidate: Candidate, wants: CallersWishes, now: datetime) -> LeftOut | None:
    """The first reason, in the order in which LeftOut names them."""
    # The caller was cut off: to go on with the same talk does not break the rest after it.
    rests = candidate.resting_until is not None and now < candidate.resting_until
    applies = {
        LeftOut.NOT_ON_ROTA: candidate.on_shift is None,
        LeftOut.NOT_CERTIFIED: not may_take_calls(candidate, now),
        LeftOut.AWAY: candidate.away,
        LeftOut.OFF_DUTY: candidate.off_duty,
        LeftOut.IN_CALL: candidate.in_call,
        LeftOut.RINGING: candidate.ringing,
        LeftOut.RESTING: rests and candidate.id != wants.same_again,
        LeftOut.UNREACHABLE: not candidate.reachable,
        LeftOut.OTHER_LANGUAGE: wants.language not in candidate.languages,
        LeftOut.ALREADY_RUNG: candidate.id in wants.already_rung,
        LeftOut.CHANGED_BY_CALLER: candidate.id in wants.not_again,
        LeftOut.KEPT_APART: candidate.id in wants.kept_apart,
        LeftOut.HAD_ENOUGH: candidate.had_enough and candidate.id != wants.same_again,
    }
    return next((reason for reason in LeftOut if applies[reason]), None)


def _rank(candidate: Candidate, wants: CallersWishes) -> tuple[object, ...]:
    """Small is first: the same again, the first cover, the nearest wing, the least burdened, the longest left alone."""
    return (
        candidate.id != wants.same_again,
        candidate.on_shift is not Cover.FIRST,
        candidate.wing != wants.wing,
        candidate.wing != wants.backup_wing,
        candidate.talked + candidate.load,
        candidate.last_talk_ended_at or _NEVER,
        candidate.id,
    )
