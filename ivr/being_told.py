"""Staff who have answered, and hear what happened: nobody of them is cut off because somebody else takes it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from models.words import PhoneId, TellingId


@dataclass(slots=True)
class Hearer:
    telling: TellingId
    phone: PhoneId
    # The engine has ended it. Asked between two files: they hear why before the call ends.
    over: bool = False


@dataclass(slots=True)
class BeingTold:
    """Those of this process of the line."""

    _hearers: dict[TellingId, Hearer] = field(default_factory=dict)

    @contextmanager
    def hears(self, telling: TellingId, phone: PhoneId) -> Iterator[Hearer]:
        """For as long as the phone's session lasts."""
        hearer = self._hearers[telling] = Hearer(telling, phone)
        try:
            yield hearer
        finally:
            self._hearers.pop(telling, None)

    def end(self, telling: TellingId) -> bool:
        """False when nobody hears it: then the phone rings at most, and may be stopped without a word."""
        hearer = self._hearers.get(telling)
        if hearer:
            hearer.over = True
        return hearer is not None

    def over_at(self, phone: PhoneId) -> Sequence[TellingId]:
        """What keeps a phone engaged although it is over."""
        return [hearer.telling for hearer in self._hearers.values() if hearer.over and hearer.phone == phone]
