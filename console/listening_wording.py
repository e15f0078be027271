"""How the page of listening says why it is turned, and what follows."""

from collections.abc import Mapping

from console.language import Words, marked
from ivr.listening_switch import WhyOff, WhyOn

WHY: Mapping[WhyOff | WhyOn, str] = Words(
    {
        WhyOff.HEARS_WRONGLY: "The computer prompts Listeners wrongly, or too often",
        WhyOff.NOT_AS_AGREED: "It is not used as the prison and the scheme have agreed",
        WhyOff.MISUSED: "What it says is used for something other than the safety of the caller",
        WhyOff.COMPLAINT: "Somebody has complained",
        WhyOff.LISTENERS_ASK: "Listeners ask for it",
        WhyOff.FAULT: "There is a fault, or it has to be looked at",
        WhyOn.PUT_RIGHT: "What was wrong has been put right",
        WhyOn.NOTHING_FOUND: "It was looked at, and nothing was wrong",
        WhyOn.MISTAKE: "It was turned off by mistake",
    }
)
NO_REASON = marked("Choose why. Nothing was changed.")
DONE = Words(
    {
        "off": "The listening is turned off. Calls that are going on are not heard any more within 2 seconds.",
        "on": "The listening is turned on again.",
    }
)
# What follows, in each direction.
IF_OFF = (
    marked("No call is heard by the computer, from within 2 seconds. What it has heard so far is wiped."),
    marked("Listeners in a call hear that the computer is not listening. The calls go on."),
    marked("New callers are told that no computer hears them, and are not asked."),
    marked("Duty staff and coordinators see on the board since when it is off, and that the scheme turned it off."),
    marked("It stays off until you, or somebody else of the scheme, turn it on here. The prison cannot."),
)
IF_ON = (
    marked("New callers are asked, as the profile says."),
    marked("Calls that are going on are heard again only where the caller had agreed before it was turned off."),
)
