"""When drills and the nightly call to itself happen, as the site file says it."""

from datetime import time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from escalation.drills import Plan


class DrillsPart(BaseModel):
    """Once a month by plan, or ``day = "off"``: by hand alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Every month has 28 days.
    day: Annotated[int, Field(ge=1, le=28)] | Literal["off"]
    at: time | None = None

    @model_validator(mode="after")
    def _a_day_has_a_time(self) -> Self:
        if self.day != "off" and self.at is None:
            msg = "at is missing: write the time of day at which the drill begins, such as at = 14:30:00"
            raise ValueError(msg)
        return self

    def plan(self, zone: ZoneInfo) -> Plan | None:
        return None if self.day == "off" or self.at is None else Plan(self.day, self.at, zone)


class NightlyPart(BaseModel):
    """At which time of the site's clocks the line calls itself; it waits until nobody is on the line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: time
