"""Whether each contact of the site could be sent a message now; nothing is sent."""

import asyncio

from escalation.contacts import Contact, Way
from escalation.messages import Fault
from escalation.sending import Sender, in_time
from wingline.doctor.finding import Finding, failed, ok
from wingline.messaging import senders_of
from wingline.settings import Settings
from wingline.site import SiteFile

_WELL = {
    Way.EMAIL: "the mail server answers",
    Way.WEBHOOK: "its server answers, and its key can be used",
    Way.APPRISE: "apprise understands the address",
}
_FAULTS = {
    Fault.NOT_REACHED: ("nobody answers there", "look at the address and the firewall"),
    Fault.NOT_TRUSTED: (
        "the connection is not safe: no TLS or login as the site file says, or a certificate that is not trusted",
        "look at encryption under [mail]; install the certificate's authority on this machine",
    ),
    Fault.TIMED_OUT: ("it does not answer in time", "look at the address and the firewall"),
    Fault.NOT_NOW: ("it says that it cannot now", "look at that server's own log"),
    Fault.REFUSED: ("it is refused", "look at the address in the site file"),
    Fault.NO_SECRET: (
        "its secret is missing, or cannot be used",
        "write it into secrets.toml under the name that the site file gives it (docs/messages.md), and start again",
    ),
    Fault.WRONG_SECRET: ("the server does not take our password", "correct it in secrets.toml, and start again"),
}


async def contacts(settings: Settings, site: SiteFile) -> list[Finding]:
    senders = await asyncio.to_thread(senders_of, settings, site)
    return await asyncio.gather(*(_contact(part.contact(), senders[part.way]) for part in site.contacts))


async def _contact(contact: Contact, sender: Sender) -> Finding:
    return judged_contact(contact, await in_time(contact.way, sender.answers(contact)))


def judged_contact(contact: Contact, fault: Fault | None) -> Finding:
    """That somebody reads it, only a drill can show."""
    who = f"{contact.name} ({contact.way})"
    if fault is None:
        return ok("contact", f"{who}: {_WELL[contact.way]}")
    says, do = _FAULTS[fault]
    return failed("contact", f"{who}: {says}", do)
