"""From a kind to what does it."""

import signal
from random import Random
from typing import assert_never

from wingline.chaos.faults import clock, database, links, phones, programs, site
from wingline.chaos.faults.fault import Breaks
from wingline.chaos.kinds import FaultKind
from wingline.chaos.plan import FaultPlan
from wingline.chaos.prison import Prison


def fault(planned: FaultPlan, prison: Prison) -> Breaks:
    """What is chosen by chance in it follows from the plan."""
    chance = Random(planned.which)  # noqa: S311  chance that can be repeated, not a secret
    match planned.kind:
        case FaultKind.LINE_KILLED:
            return programs.Killed(prison, "line")
        case FaultKind.LINE_STOPPED:
            return programs.Stopped(prison, "line")
        case FaultKind.LINE_ENDED:
            return programs.Killed(prison, "line", signal.SIGTERM)
        case FaultKind.LINE_UPGRADED:
            return programs.Upgraded(prison)
        case FaultKind.SPEECH_KILLED:
            return programs.Killed(prison, "speech")
        case FaultKind.SPEECH_STOPPED:
            return programs.Stopped(prison, "speech")
        case FaultKind.ASTERISK_KILLED:
            return programs.Killed(prison, "asterisk")
        case FaultKind.ASTERISK_STOPPED:
            return programs.Stopped(prison, "asterisk")
        case FaultKind.AMI_CUT:
            return links.AmiCut(prison)
        case FaultKind.AMI_HALF_OPEN:
            return links.AmiHalfOpen(prison)
        case FaultKind.AMI_GARBAGE:
            return links.AmiGarbage(prison, chance)
        case FaultKind.AGI_SLOW:
            return links.AgiSlow(prison, chance)
        case FaultKind.AGI_GARBAGE:
            return links.AgiGarbage(prison, chance)
        case FaultKind.AGI_GARBLED:
            return links.AgiGarbled(prison, chance)
        case FaultKind.DATABASE_LOCKED:
            return database.Locked(prison)
        case FaultKind.DATABASE_GONE:
            return database.Gone(prison)
        case FaultKind.DISK_FULL:
            return database.DiskFull(prison)
        case FaultKind.CLOCK_JUMPED:
            return clock.Jumped(prison, chance)
        case FaultKind.PHONE_UNPLUGGED:
            return phones.Unplugged(prison, planned.which)
        case FaultKind.PHONE_UNREGISTERED:
            return phones.Unregistered(prison, planned.which)
        case FaultKind.SOUND_LOST:
            return phones.SoundLost(prison, planned.which)
        case FaultKind.SITE_RELOADED:
            return site.Reloaded(prison)
        case FaultKind.ROTA_CHANGED:
            return site.RotaChanged(prison)
        case _:
            assert_never(planned.kind)
