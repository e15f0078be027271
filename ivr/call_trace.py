"""What a trace says of one call: where it was and for how long, and nothing of who or why."""

from ivr.call import Call, Phase
from models.traced import NOTHING, Facts, Span, Step

PLACES: dict[Phase, Step] = {phase: Step(phase.value) for phase in Phase if phase is not Phase.ENDED}


class CallTrace:
    def __init__(self, spans: Span, call: Call) -> None:
        self.span = spans.begin(Step.CALL)
        self._place = self._arrived(call)
        self._staff_key: Span | None = None

    def moved(self, before: Call, after: Call) -> None:
        if after.phase is not before.phase and after.phase is not Phase.ENDED:
            self._place.end()
            self._place = self._arrived(after)
        if after.staff_key and not self._staff_key:
            self._staff_key = self.span.begin(Step.STAFF_KEY)
        elif self._staff_key and not after.staff_key:
            self._staff_key.end(Facts(staff_called=after.staff_called))
            self._staff_key = None

    def end(self) -> None:
        self.span.end()

    def _arrived(self, call: Call) -> Span:
        facts = Facts(heard=call.listening) if call.phase is Phase.TALKING else NOTHING
        return self.span.begin(PLACES[call.phase], facts)
