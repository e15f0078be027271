"""Every table, with the class and the keeping of every column (columns.py)."""

from models.tables.accounts import Account, Act, AuditAnchor, Invitation, Passkey, SignIn
from models.tables.alarms import HeardAlarm
from models.tables.calls import Call, CallCount, Offer, RuleCount, Talk
from models.tables.columns import (
    AS_A_COUNT,
    COUNT,
    DAYS_90,
    DISCLOSED,
    LISTENER,
    SECRET,
    SERVING,
    SITE,
    STAFF,
    WHILE_IN_USE,
    YEARS_2,
    Base,
    UtcDateTime,
)
from models.tables.drills import Drill, NightlyCall
from models.tables.escalations import Escalation, Node, Telling
from models.tables.figures import PublishedFigure
from models.tables.listeners import Absence, KeepApart, Listener, Movement, StandingChange, Training, Wish
from models.tables.listening import ListeningSwitch
from models.tables.messages import Message
from models.tables.places import Cell, Phone, Site, Wing
from models.tables.profiles import ProfileVersion
from models.tables.rota import CoverOffer, DraftShift, Rota, SeatChange, Shift, Swap
from models.tables.tokens import Token

__all__ = [
    "AS_A_COUNT",
    "COUNT",
    "DAYS_90",
    "DISCLOSED",
    "LISTENER",
    "SECRET",
    "SERVING",
    "SITE",
    "STAFF",
    "WHILE_IN_USE",
    "YEARS_2",
    "Absence",
    "Account",
    "Act",
    "AuditAnchor",
    "Base",
    "Call",
    "CallCount",
    "Cell",
    "CoverOffer",
    "DraftShift",
    "Drill",
    "Escalation",
    "HeardAlarm",
    "Invitation",
    "KeepApart",
    "Listener",
    "ListeningSwitch",
    "Message",
    "Movement",
    "NightlyCall",
    "Node",
    "Offer",
    "Passkey",
    "Phone",
    "ProfileVersion",
    "PublishedFigure",
    "Rota",
    "RuleCount",
    "SeatChange",
    "Shift",
    "SignIn",
    "Site",
    "StandingChange",
    "Swap",
    "Talk",
    "Telling",
    "Token",
    "Training",
    "UtcDateTime",
    "Wing",
    "Wish",
]
