"""When the site was last backed up and restored: entries of the audit, which the console and the doctor read."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.tables import Act

BACKED_UP = "backed up"
RESTORED = "restored"


def last_backup(session: Session) -> datetime | None:
    return session.scalar(select(func.max(Act.at)).where(Act.what == BACKED_UP))
