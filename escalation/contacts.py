"""Who is sent a message beside the phones: an address of a post, and how it is reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.words import Post

# Where an address takes its secret, when it needs one: tgram://{secret}/12345.
SECRET_PLACE = "{secret}"  # noqa: S105 - the place for one


class Way(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """``secret`` is a name: the secret itself is in the secrets file, or in a file of its own."""

    name: str
    post: Post
    way: Way
    address: str
    # Email and apprise leave the building, and so whoever runs the site says it for each contact.
    tells_location: bool
    secret: str | None = None


def at_post(contacts: Iterable[Contact], post: Post) -> Sequence[Contact]:
    return [contact for contact in contacts if contact.post is post]
