"""Traces of escalations: which step when, for which kind of post; not why, not where, and not of which call."""

from collections import OrderedDict

from models.traced import NOTHING, Facts, Span, Step, moment
from models.words import EscalationId

# Another node may close what began here, and nothing says so to this one.
_REMEMBERED = 100


class EscalationTraces:
    """The id is the key to a trace in memory, and is not in it; after a restart what follows is a new trace."""

    def __init__(self, spans: Span) -> None:
        self._spans = spans
        self._open: OrderedDict[EscalationId, Span] = OrderedDict()

    def note(self, escalation: EscalationId, step: Step, facts: Facts = NOTHING) -> None:
        moment(self._of(escalation), step, facts)
        if step is Step.CLOSED:
            del self._open[escalation]

    def _of(self, escalation: EscalationId) -> Span:
        if escalation not in self._open:
            self._open[escalation] = began = self._spans.begin(Step.ESCALATION)
            began.end()
            if len(self._open) > _REMEMBERED:
                self._open.popitem(last=False)
        return self._open[escalation]
