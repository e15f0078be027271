"""Which steps a Listener could take next, which not yet and why, and what a form says of one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.language import _
from listeners.journey import Rules, SoFar, Step, reasons, refusal
from models.errors import AskersFault
from models.words import Standing, StandingReason
from rota.local_time import instant
from rota.person import Span

ACCREDITED = frozenset({StandingReason.ACCREDITED, StandingReason.ACCREDITED_AGAIN})
# These come when a certificate or a training ends, and nobody has to say so.
_BY_ITSELF = frozenset({StandingReason.CERTIFICATE_ENDED, StandingReason.TRAINING_OVERDUE})


class BadAnswer(AskersFault):
    """What is wrong in one field of a form, and what to write there."""

    def __init__(self, field: str, advice: str) -> None:
        super().__init__(advice)
        self.field = field


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that may be taken now."""

    became: Standing
    why: StandingReason

    @property
    def value(self) -> str:
        return f"{self.became}:{self.why}"


@dataclass(frozen=True, slots=True)
class Possible:
    """``not_yet``: why a step cannot be taken, and where it would lead."""

    choices: tuple[Choice, ...]
    not_yet: Mapping[str, tuple[Standing, ...]]


def possible(so_far: SoFar, rules: Rules, now: datetime) -> Possible:
    """A certificate is given with the step, so that it lacks in none."""
    was, choices, refused = so_far.standing, list[Choice](), defaultdict[str, list[Standing]](list)
    for became in Standing:
        for why in sorted(reasons(was, became) - _BY_ITSELF):
            with_it = replace(so_far, certificate=Span(now)) if why in ACCREDITED else so_far
            wrong = refusal(Step(was, became, why), with_it, rules, at=now)
            if wrong is None:
                choices.append(Choice(became, why))
            elif became not in refused[wrong]:
                refused[wrong].append(became)
    return Possible(tuple(choices), {why: tuple(some) for why, some in refused.items()})


def choice_from(written: str) -> Choice:
    became, _colon, why = written.partition(":")
    if became not in set(Standing) or why not in set(StandingReason):
        raise BadAnswer("step", _("Choose what changes, and why"))
    return Choice(Standing(became), StandingReason(why))


def day_from(field: str, written: str, what: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise BadAnswer(field, _("%(what)s: write a date as 2026-12-01", what=what)) from error


def moment_of(field: str, day: date, zone: ZoneInfo, now: datetime, *, after: Sequence[datetime] = ()) -> datetime:
    """Now when it is today; of an earlier day its noon, but never before what was recorded last."""
    today = now.astimezone(zone).date()
    if day > today:
        raise BadAnswer(field, _("The day must not be in the future: record it when it has come"))
    last = max(after, default=None)
    if last and day < last.astimezone(zone).date():
        raise BadAnswer(field, _("The day is before the last change of the standing: write that day or a later one"))
    at = now if day == today else instant(day, time(12), zone)
    return max(at, last) if last else at


def certificate_from(choice: Choice, first: str, last: str, zone: ZoneInfo) -> Span | None:
    """Where somebody is accredited both days are wanted; the last day still counts."""
    if choice.why not in ACCREDITED:
        return None
    since = day_from("certified_from", first, _("First day of the certificate"))
    until = day_from("certified_until", last, _("Last day of the certificate"))
    if until < since:
        raise BadAnswer(
            "certified_until", _("The last day of the certificate is before its first day: write a later one")
        )
    return Span(instant(since, time(), zone), instant(until + timedelta(days=1), time(), zone))
