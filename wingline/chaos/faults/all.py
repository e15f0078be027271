"""From a kind to what does it."""

import signal
from random import Random

from wingline.chaos.faults import clock, database, links, phones, programs, site, sound
from wingline.chaos.faults.fault import Breaks
from wingline.chaos.kinds import FaultKind
from wingline.chaos.plan import FaultPlan
from wingline.chaos.prison import Prison


def fault(planned: FaultPlan, prison: Prison) -> Breaks:
    """What is chosen by chance in it follows from the plan."""
    chance = Random(planned.which)  # noqa: S311  chance that can be repeated, not a secret
    node = prison.nodes[planned.which % len(prison.nodes)]
    line, asterisk = node.line_program, node.asterisk_program
    speech = prison.speeches[planned.which % len(prison.speeches)]
    match planned.kind:
        case FaultKind.LINE_KILLED:
            return programs.Killed(line)
        case FaultKind.LINE_STOPPED:
            return programs.Stopped(line)
        case FaultKind.LINE_ENDED:
            return programs.Killed(line, signal.SIGTERM)
        case FaultKind.LINE_UPGRADED:
            return programs.Upgraded(line)
        case FaultKind.SPEECH_KILLED:
            return programs.Killed(speech)
        case FaultKind.SPEECH_STOPPED:
            return programs.Stopped(speech)
        case FaultKind.ASTERISK_KILLED:
            return programs.Killed(asterisk)
        case FaultKind.ASTERISK_STOPPED:
            return programs.Stopped(asterisk)
        case FaultKind.AMI_CUT:
            return links.AmiCut(node)
        case FaultKind.AMI_HALF_OPEN:
            return links.AmiHalfOpen(node)
        case FaultKind.AMI_GARBAGE:
            return links.AmiGarbage(node, chance)
        case FaultKind.AGI_SLOW:
            return links.AgiSlow(node, chance)
        case FaultKind.AGI_GARBAGE:
            return links.AgiGarbage(node, chance)
        case FaultKind.AGI_GARBLED:
            return links.AgiGarbled(node, chance)
        case FaultKind.DATABASE_LOCKED:
            return database.Locked(node)
        case FaultKind.DATABASE_GONE:
            return database.Gone(node)
        case FaultKind.DISK_FULL:
            return database.DiskFull(line)
        case FaultKind.CLOCK_JUMPED:
            return clock.Jumped(node.wall_clock, prison.lasts, chance)
        case FaultKind.PHONE_UNPLUGGED:
            return phones.Unplugged(prison, planned.which)
        case FaultKind.PHONE_UNREGISTERED:
            return phones.Unregistered(prison, planned.which)
        case FaultKind.SOUND_LOST:
            return phones.SoundLost(prison, planned.which)
        case FaultKind.RTP_LOST:
            return sound.RtpLost(prison, planned.which, chance)
        case FaultKind.SITE_RELOADED:
            return site.Reloaded(node)
        case FaultKind.ROTA_CHANGED:
            return site.RotaChanged(prison, node)
        case _:
            makers = prison.between_hosts[planned.kind]
            return makers[planned.which % len(makers)]()
