"""What can be done to the line while people call, and what each of it takes away from them."""

from enum import StrEnum


class FaultKind(StrEnum):
    LINE_KILLED = "line_killed"
    LINE_STOPPED = "line_stopped"
    # Told to end, and started again.
    LINE_ENDED = "line_ended"
    # Another process takes over from it while calls go on.
    LINE_UPGRADED = "line_upgraded"
    SPEECH_KILLED = "speech_killed"
    SPEECH_STOPPED = "speech_stopped"
    ASTERISK_KILLED = "asterisk_killed"
    ASTERISK_STOPPED = "asterisk_stopped"
    AMI_CUT = "ami_cut"
    AMI_HALF_OPEN = "ami_half_open"
    AMI_GARBAGE = "ami_garbage"
    AGI_SLOW = "agi_slow"
    AGI_GARBAGE = "agi_garbage"
    # The same in the sessions of those who are just spoken to.
    AGI_GARBLED = "agi_garbled"
    DATABASE_LOCKED = "database_locked"
    # PostgreSQL alone: everybody who is connected is put out, and nobody comes in.
    DATABASE_GONE = "database_gone"
    DISK_FULL = "disk_full"
    CLOCK_JUMPED = "clock_jumped"
    PHONE_UNPLUGGED = "phone_unplugged"
    # It says so, and is in no call: nobody can be rung there until it registers again.
    PHONE_UNREGISTERED = "phone_unregistered"
    SOUND_LOST = "sound_lost"
    # Sound alone, one way or both, of one phone's call: SIP goes on.
    RTP_LOST = "rtp_lost"
    SITE_RELOADED = "site_reloaded"
    ROTA_CHANGED = "rota_changed"
    # Across a cluster alone (deploy/cluster): cables of hosts, Kamailio before the exchanges, HAProxy before speech.
    NODE_CUT_OFF = "node_cut_off"
    SPEECH_CUT_OFF = "speech_cut_off"
    DATABASE_CUT_OFF = "database_cut_off"
    PROXY_CUT_OFF = "proxy_cut_off"
    PROXY_KILLED = "proxy_killed"
    PROXY_STOPPED = "proxy_stopped"
    SOUND_PROXY_KILLED = "sound_proxy_killed"
    SOUND_PROXY_STOPPED = "sound_proxy_stopped"


# No message of a phone arrives anywhere; sound goes another way.
TAKES_THE_PROXY = frozenset({FaultKind.PROXY_CUT_OFF, FaultKind.PROXY_KILLED, FaultKind.PROXY_STOPPED})
BETWEEN_HOSTS = TAKES_THE_PROXY | {
    FaultKind.NODE_CUT_OFF,
    FaultKind.SPEECH_CUT_OFF,
    FaultKind.DATABASE_CUT_OFF,
    FaultKind.SOUND_PROXY_KILLED,
    FaultKind.SOUND_PROXY_STOPPED,
}
ON_ONE_MACHINE = tuple(kind for kind in FaultKind if kind not in BETWEEN_HOSTS)


# While one of these lasts nobody can promise that a phone hears anything, or that a call goes on. Not among them: lost
# RTP, which excuses one call, and only what it took from that (cuts.py).
TAKES_THE_SOUND = frozenset(
    {
        FaultKind.ASTERISK_KILLED,
        FaultKind.ASTERISK_STOPPED,
        FaultKind.PHONE_UNPLUGGED,
        FaultKind.PHONE_UNREGISTERED,
        FaultKind.SOUND_LOST,
        FaultKind.NODE_CUT_OFF,
    }
)
# While one of these lasts nobody can promise that whoever dials is answered.
KEEPS_FROM_DIALLING = TAKES_THE_SOUND | TAKES_THE_PROXY
# These end calls by themselves: all of them, or the one of that phone, which may be answered in that very moment.
ENDS_CALLS = frozenset({FaultKind.ASTERISK_KILLED, FaultKind.PHONE_UNPLUGGED, FaultKind.PHONE_UNREGISTERED})
# While one of these lasts the line may do nothing, so that staff are not rung, and callers go on without it.
STOPS_THE_LINE = frozenset(
    {
        FaultKind.LINE_KILLED,
        FaultKind.LINE_STOPPED,
        FaultKind.LINE_ENDED,
        FaultKind.LINE_UPGRADED,
        FaultKind.ASTERISK_KILLED,
        FaultKind.ASTERISK_STOPPED,
        FaultKind.AMI_CUT,
        FaultKind.AMI_HALF_OPEN,
        FaultKind.AMI_GARBAGE,
        FaultKind.AGI_SLOW,
        FaultKind.AGI_GARBLED,
        FaultKind.DATABASE_LOCKED,
        FaultKind.DATABASE_GONE,
        FaultKind.DISK_FULL,
        FaultKind.NODE_CUT_OFF,
        FaultKind.DATABASE_CUT_OFF,
        *TAKES_THE_PROXY,
    }
)
