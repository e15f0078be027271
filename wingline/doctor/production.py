"""What stands between an installation that works and one that a prison may rely on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.prompts.texts import LanguageTexts
from wingline.doctor import wire
from wingline.doctor.finding import Finding, warning
from wingline.settings import LOOPBACK, Settings
from wingline.site import SiteFile

# The site of docs/site-example.toml, and the demonstration's.
EXAMPLES = frozenset({"example", "demo"})
PRISONERS_A_LISTENER = 50  # what the scheme aims at (domain.md)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The facts that it is judged by."""

    settings: Settings
    site: SiteFile
    accounts: int
    languages: Sequence[LanguageTexts]


def own_recordings(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("*.wav"))


def missing_for_production(one: Installation) -> list[Finding]:
    return [*_people(one), *_words(one), *_network(one)]


def _people(one: Installation) -> Iterator[Finding]:
    cells = sum(len(wing.cells) for wing in one.site.wings)
    if one.site.id in EXAMPLES:
        yield warning(
            "choices",
            "they are the example's",
            "governor and scheme partner decide [choices] together; then give the site its own id in the site file",
        )
    if len(one.site.listeners) * PRISONERS_A_LISTENER < cells:
        yield warning(
            "Listeners",
            f"{len(one.site.listeners)} for {cells} cells; the scheme aims at one for {PRISONERS_A_LISTENER} prisoners",
            "ask the scheme's partner to train more",
        )
    if not one.accounts:
        yield warning("accounts", "nobody can sign in to the console", "wingline accounts invite NAME --role staff")
    if not one.site.complaints:
        yield warning(
            "complaints",
            "nobody is told how to reach those whom they can complain to",
            "write [[complaints]] into the site file (docs/site-example.toml)",
        )
    if one.site.oidc is not None and not one.settings.console_address:
        yield warning(
            "directory",
            "nobody signs in by the prison's directory: it does not know where to send them back to",
            "set WINGLINE_CONSOLE_ADDRESS to the address of the console as browsers see it",
        )
    if not one.settings.second_factor:
        yield warning(
            "second factor",
            "whoever has a password is in: accounts do without an authenticator app or a passkey",
            "let everybody set one up on their account page, then take WINGLINE_SECOND_FACTOR=off away",
        )


def _words(one: Installation) -> Iterator[Finding]:
    for language in one.languages:
        if not language.checked:
            yield warning(
                f"words {language.code}",
                f"no native speaker has checked the texts in {language.name}",
                f"have ivr/prompts/{language.code}.toml checked, then set checked = true in it",
            )
    if not own_recordings(one.settings.own_recordings):
        yield warning(
            "voices",
            "the prompts are spoken by a machine",
            f"let Listeners record them: {one.settings.own_recordings}/<language>/<prompt>.wav",
        )


def _network(one: Installation) -> Iterator[Finding]:
    if one.settings.sip_host in LOOPBACK:
        yield warning("phones", "only phones on this machine reach the line", "set WINGLINE_SIP_HOST to its address")
    yield from wire.missing_for_production(one.site)
    if not one.site.trunk.contact:
        yield warning("trunk", "there is no way out to the helpline", "set contact under [trunk] in the site file")
    if one.settings.console_host in LOOPBACK:
        do = "put a proxy with TLS before it, for staff at other machines"
        yield warning("console", "only this machine reaches it", do)
    else:
        do = "set WINGLINE_CONSOLE_HOST=127.0.0.1 and put a proxy with TLS before it"
        yield warning("console", "passwords go over the network without TLS", do)
