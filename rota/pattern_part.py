"""A shift that comes again, as a file says it: the site's file and a rota problem alike."""

from datetime import date, time
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from models.words import WingId
from rota.slot import WEEKDAYS, Pattern

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class PatternPart(BaseModel):
    """Local times; each kind of file says which seats it takes for granted, and how many there may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=40)]
    starts: time
    ends: time
    wing: str | None = None
    days: frozenset[Weekday] = frozenset(get_args(Weekday))
    not_on: frozenset[date] = frozenset()
    first: int
    backup: int
    experienced: int

    def pattern(self) -> Pattern:
        return Pattern(
            name=self.name,
            starts=self.starts,
            ends=self.ends,
            wing=WingId(self.wing) if self.wing else None,
            weekdays=frozenset(WEEKDAYS.index(day) for day in self.days),
            not_on=self.not_on,
            first=self.first,
            backup=self.backup,
            experienced=self.experienced,
        )
