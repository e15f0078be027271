"""What goes over the phones' network, and who could listen there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from wingline.certificates import ends_at
from wingline.doctor.finding import Finding, failed, ok, warning
from wingline.site import SiteFile

LITTLE_LEFT = timedelta(days=30)
NAME = "phones' TLS"


def certificate(file: Path | None, now: datetime) -> Finding:
    """``file``: what secure phones see, or None where no phone is secure."""
    if file is None:
        return ok(NAME, "no phone has TLS")
    if not file.exists():
        return failed(
            NAME, f"there is no certificate {file}", "wingline up makes it; a certificate of your own: [phones]"
        )
    left = ends_at(file) - now
    until = f"the certificate counts until {ends_at(file):%Y-%m-%d}"
    if left < timedelta():
        return failed(NAME, f"{until}: no phone with TLS can reach the line", "end wingline up and start it again")
    if left < LITTLE_LEFT:
        return warning(
            NAME, until, "end wingline up and start it again in a quiet hour; your own: put a newer one there"
        )
    return ok(NAME, until)


def missing_for_production(site: SiteFile) -> Sequence[Finding]:
    plain = [place for place in site.places if not site.phones.is_secure(place)]
    found = []
    if plain:
        count = f"{len(plain)} of {len(site.places)} phones"
        says = f"{count} have no TLS and SRTP: whoever can copy packets there hears calls"
        found.append(warning("phones' network", says, "see docs/phones.md; until then a network of the phones' own"))
    if not site.phones.networks:
        says = "SIP is answered from anywhere that reaches this machine"
        found.append(warning("phones' addresses", says, "say in [phones] networks where phones and trunk are"))
    return found
