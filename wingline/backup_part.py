"""The site file's [backups]: who can open a backup, and when a missing one is a warning. Neither has a default."""

from datetime import timedelta
from typing import Annotated, Any

import pyrage
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _recipient(written: str) -> str:
    read_recipient(written)
    return written


def read_recipient(written: str) -> Any:
    """An age key ("age1…") or an SSH key ("ssh-ed25519 …"); its secret half is kept away from this machine."""
    try:
        if written.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(written)
        return pyrage.x25519.Recipient.from_str(written)
    except pyrage.RecipientError as error:
        raise ValueError("this is no public key of age (age1…) or SSH (ssh-ed25519 …)") from error


class BackupsPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    recipients: Annotated[list[Annotated[str, AfterValidator(_recipient)]], Field(min_length=1)]
    warn_after_hours: Annotated[int, Field(ge=1, le=2160)]

    @property
    def warn_after(self) -> timedelta:
        return timedelta(hours=self.warn_after_hours)
