"""How long each thing may take at most: from the profile, the dialplan's deadline, and the length of what is spoken.

Each sum ends with what a busy machine may add, for the driver, its phones and the line share its cores.
"""

from dataclasses import dataclass

from escalation.profile import Profile
from escalation.protocol import BREATH
from models.words import Cause

# A machine with two cores that does much else.
BUSY = 6.0
# The longest of the words with which a waiting caller is told how it goes on (wait/*), which are said to their end.
LONGEST_WORDS = 4.0
# A line that is started again takes over what lives within 5 s (docs/ARCHITECTURE.md, tests/stories/losses.py).
TAKEN_OVER = 5.0
_OF_NO_CALLER = (Cause.LINE_BROKEN, Cause.DRILL)


@dataclass(frozen=True, slots=True)
class Bounds:
    """In seconds."""

    # From the end of the opening, or of the last word of a human or about one, to the next.
    human: float
    # Besides, when the line died or came back meanwhile: whoever is fetched back is rung for anew.
    rung_anew: float
    # A caller hears nothing at all.
    silence: float
    # An open escalation about which nobody of staff is being told.
    nobody_told: float
    # From the words that somebody is told to the row that says so.
    written: float
    # A phone rings, and the row says it.
    rang: float
    # The line answers who dials.
    answered: float = 5.0


def bounds_of(profile: Profile, *, deadline: float) -> Bounds:
    """``deadline``: after how long the dialplan takes a call back from a line that is silent (decisions/0004)."""
    listeners = profile.waiting.listener_seconds
    protocols = [profile.protocol_for(cause) for cause in profile.disclosures if cause not in _OF_NO_CALLER]
    comes_back = max(max(one.door_within, one.spoken_within) for one in protocols)
    return Bounds(
        human=listeners + deadline + LONGEST_WORDS + BUSY,
        rung_anew=listeners + TAKEN_OVER,
        silence=deadline + 1 + BUSY / 2,
        nobody_told=max(comes_back, BREATH.total_seconds()) + 2 + BUSY,
        written=TAKEN_OVER + BUSY,
        rang=BUSY,
    )
