"""A site's outbox with its senders, and the secrets that they need."""

import ssl
from zoneinfo import ZoneInfo

from escalation.by_apprise import ByApprise
from escalation.by_email import ByEmail
from escalation.by_webhook import ByWebhook
from escalation.contacts import Way
from escalation.outbox import Outbox
from escalation.sending import Sender
from models.database import Database
from wingline.contacts_part import secrets_of
from wingline.settings import Settings, read_secrets
from wingline.site import SiteFile


def senders_of(settings: Settings, site: SiteFile) -> dict[Way, Sender]:
    """Whom this machine trusts (SSL_CERT_FILE for another list) is trusted."""
    secrets = secrets_of(site.contacts, site.mail, read_secrets(settings.data))
    trust = ssl.create_default_context()
    zone = ZoneInfo(site.site.zone)
    senders: dict[Way, Sender] = {Way.WEBHOOK: ByWebhook(secrets, trust), Way.APPRISE: ByApprise(secrets, zone)}
    if site.mail is not None:
        senders[Way.EMAIL] = ByEmail(site.mail.server(), secrets, trust, zone)
    return senders


def outbox_of(settings: Settings, site: SiteFile, database: Database) -> Outbox:
    contacts = [part.contact() for part in site.contacts]
    return Outbox(database, site.id, contacts, senders_of(settings, site))
