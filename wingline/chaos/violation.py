"""A promise that was not kept: which, to whom, and what was seen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broken:
    """``call``: the caller's number in the plan, or the id of a call, an escalation or a phone."""

    invariant: str
    call: str
    what: str
