"""The alarms that a Prometheus beside the line may raise about the line itself, by their names in deploy/alerts.yml."""

from enum import StrEnum


class Alarm(StrEnum):
    """What is wrong with the line; each has its page in docs/runbook.md."""

    LINE_DOWN = "LineDown"
    ASTERISK_DOWN = "AsteriskDown"
    DATABASE_DOWN = "DatabaseDown"
    DATABASE_SLOW = "DatabaseSlow"
    ESCALATION_LATE = "EscalationLate"
    STAFF_PHONE_AWAY = "StaffPhoneAway"
    NOBODY_ON_DUTY = "NobodyOnDuty"
    CALLERS_GIVE_UP = "CallersGiveUp"
    SLOW_ANSWERS = "SlowAnswers"
    SPEECH_DOWN = "SpeechDown"
    SPEECH_BEHIND = "SpeechBehind"
    NIGHTLY_CALL_FAILED = "NightlyCallFailed"
    BACKUP_OLD = "BackupOld"
    PURGE_OLD = "PurgeOld"
    AUDIT_HEAD_OLD = "AuditHeadOld"
    DISK_NEARLY_FULL = "DiskNearlyFull"
    CERTIFICATE_ENDS = "CertificateEnds"
    LINE_KEEPS_ENDING = "LineKeepsEnding"


# As the label ``severity`` says it of an alarm that is for people at once, at any hour.
PAGE = "page"
# The line itself tells people of these, without anybody's monitoring (escalation/nightly.py).
TOLD_BY_THE_LINE = frozenset({Alarm.NIGHTLY_CALL_FAILED})
