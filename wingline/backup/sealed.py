"""What lies in a backup, sealed for its recipients with age and opened with a secret key."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyrage

from wingline.backup.errors import NotOpened
from wingline.backup_part import read_recipient

BEGINS = b"age-encryption.org/v1\n"

# Of pyrage, which has no types.
Identity: TypeAlias = Any


def seal(content: bytes, recipients: Iterable[str]) -> bytes:
    return bytes(pyrage.encrypt(content, [read_recipient(one) for one in recipients]))


def read_identities(file: Path) -> Sequence[Identity]:
    """A file of age-keygen, or an SSH key without a passphrase."""
    try:
        text = file.read_text(encoding="ascii")
        if "PRIVATE KEY" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = (line.strip() for line in text.splitlines())
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise NotOpened(file, "it is no secret key of age (AGE-SECRET-KEY-1…) or SSH") from error
    if not found:
        raise NotOpened(file, "there is no key in it")
    return found


def open_sealed(file: Path, identities: Sequence[Identity]) -> bytes:
    """Whole and as it was sealed, or not at all: age proves every block and the end."""
    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise NotOpened(file, str(error.strerror)) from error
    if not sealed.startswith(BEGINS):
        raise NotOpened(file, "it is no backup of Wingline, or its beginning is damaged")
    try:
        return bytes(pyrage.decrypt(sealed, identities))
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise NotOpened(file, "it was not made for this key") from error
        raise NotOpened(file, "it was cut off or changed since it was made; take another one") from error
