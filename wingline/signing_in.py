"""How people sign in to the console of this installation: its settings, and its site's directory."""

from datetime import timedelta

from console.signing_in_rules import SigningIn
from wingline.settings import Settings, read_secrets
from wingline.site import SiteFile


def signing_in_of(settings: Settings, site: SiteFile) -> SigningIn:
    return SigningIn(
        second_factor=settings.second_factor,
        address=settings.console_address or None,
        directory=site.oidc.directory(read_secrets(settings.data)) if site.oidc else None,
        idle=timedelta(minutes=settings.session_idle_minutes),
        at_most=timedelta(hours=settings.session_hours),
    )
