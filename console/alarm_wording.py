"""What is wrong with the line itself, in the words that the phones of staff say (the staff/… texts of the prompts)."""

from console.language import Words, _, marked
from escalation.disclosure import Disclosure
from models.alarms import Alarm

FAULTS = Words(
    {
        Alarm.LINE_DOWN: "A part of the Listener line does not answer",
        Alarm.ASTERISK_DOWN: "The Listener line has lost its telephone exchange",
        Alarm.DATABASE_DOWN: "The Listener line cannot use its database",
        Alarm.ESCALATION_LATE: "Somebody who needs staff may be waiting. Look now at what is open",
        Alarm.STAFF_PHONE_AWAY: "A phone of staff cannot be rung",
        Alarm.NOBODY_ON_DUTY: "No Listener is on duty",
        Alarm.NIGHTLY_CALL_FAILED: "The Listener line called itself, and did not get through",
        Alarm.DISK_NEARLY_FULL: "The Listener line has hardly any room left to write",
        Alarm.LINE_KEEPS_ENDING: "The Listener line is started again and again",
    }
)
OTHER = marked("The Listener line does not work as it should")
OVER = marked("As far as the line knows, it is over by itself")


def faults(told: Disclosure) -> str:
    """Empty when it is about a person."""
    said = dict.fromkeys(FAULTS.get(alarm, _(OTHER)) for alarm in told.alarms)
    return ". ".join((*said, *((_(OVER),) if told.mended else ())))
