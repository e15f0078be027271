"""Messages by whatever else apprise knows: a pager, a chat, a text message."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from apprise import Apprise, AppriseAsset, NotifyBase, PersistentStoreMode

from escalation.contacts import SECRET_PLACE, Contact, Way
from escalation.message_words import subject, text
from escalation.messages import Fault, Message
from escalation.sending import AT_MOST


class ByApprise:
    """Each message has a service of its own: apprise lets a second one through the same service wait."""

    def __init__(self, secrets: Mapping[str, str], zone: ZoneInfo) -> None:
        self._secrets = secrets
        self._zone = zone
        # Apprise blocks; in threads of its own it keeps nobody else's waiting.
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="apprise")

    async def send(self, message: Message) -> Fault | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._notify, message)

    async def answers(self, contact: Contact) -> Fault | None:
        """Whether apprise understands the address; most services cannot be asked without sending something."""
        service = self._service(contact)
        return service if isinstance(service, Fault) else None

    def _notify(self, message: Message) -> Fault | None:
        service = self._service(message.contact)
        if isinstance(service, Fault):
            return service
        # Apprise only says whether it worked.
        taken = service.notify(body=text(message, self._zone), title=subject(message))
        return None if taken else Fault.NOT_NOW

    def _service(self, contact: Contact) -> NotifyBase | Fault:
        address = contact.address
        if contact.secret is not None:
            if contact.secret not in self._secrets:
                return Fault.NO_SECRET
            address = address.replace(SECRET_PLACE, self._secrets[contact.secret])
        return Apprise.instantiate(address, asset=_asset()) or Fault.REFUSED


def _asset() -> AppriseAsset:
    """Nothing on the disk, no redirect followed, and no picture that the receiver would fetch from somewhere."""
    return AppriseAsset(
        app_id="Wingline",
        app_desc="Wingline",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        service_timeout=AT_MOST[Way.APPRISE].total_seconds(),
        storage_mode=PersistentStoreMode.MEMORY,
    )
