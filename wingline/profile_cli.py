"""`wingline profile …`: what a profile does, what a change would change, and a proposal for two people to sign."""

import json as jsons
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.language import sentence, speaking
from console.profiles_shown import texts_of
from console.roles import Ability, for_whom, may
from escalation import profile_store
from escalation.plain_words import Audience, Page, difference, page
from escalation.plain_words_line import Texts
from escalation.profile import Profile
from escalation.profile_file import load, proposed, shipped
from escalation.profile_store import By
from escalation.signing import For, Version, state_of
from ivr.prompts.texts import languages
from models import tables
from models.clock import now
from models.database import Database
from models.errors import BadProfile, NotAllowed, UnknownName
from models.phrases import Said
from models.words import AccountRole
from wingline.in_between import bring_tables
from wingline.language_option import Code, InLanguage
from wingline.profile_pages import as_text, changes_as_text, choices_for, shipped_pages
from wingline.settings import read_settings
from wingline.site import SiteFile, read_site
from wingline.site_profiles import profile_of

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="What may be told, to whom, when; and who signed it.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Which = Annotated[str | None, typer.Argument(help="A name of profiles/, or a TOML file; without it, what is in force.")]
One = Annotated[str, typer.Argument(help="A name of profiles/, or a TOML file.")]
ForWhom = Annotated[Audience | None, typer.Option("--for", help="Whose page; without it, all three.")]
OfSite = Annotated[Path | None, typer.Option("--site", help="A site file whose [choices] count.")]
DOCS = Path("docs/profiles")


@app.callback()
def profile() -> None:
    """Two people sign a profile, on the console: the governor and the scheme partner."""


@app.command()
def show(
    name: Which = None,
    *,
    whose: ForWhom = None,
    site: OfSite = None,
    json: Json = False,
    language: InLanguage = Code.EN,
) -> None:
    """Say in plain words what a caller, a Listener and an officer meet."""
    found = _in_force(site) if name is None else _profile(name, site)
    audiences = [whose] if whose else list(Audience)
    if json:
        pages = [page(found, audience, _texts()) for audience in audiences]
        facts = {"profile": found.name, "version": found.number, "pages": {one.audience: _facts(one) for one in pages}}
        typer.echo(jsons.dumps(facts))
        return
    with speaking(language):
        typer.echo("\n\n".join(as_text(page(found, audience, _texts())) for audience in audiences))


@app.command("difference")
def say_difference(
    old: One, new: One, *, site: OfSite = None, json: Json = False, language: InLanguage = Code.EN
) -> None:
    """Say what the second does otherwise than the first, by whom it touches."""
    before, after = _profile(old, site), _profile(new, site)
    if json:
        changes = difference(before, after, _texts())
        facts = {
            audience: [{"section": one.topic, "no_longer": _said(one.no_longer), "now": _said(one.now)} for one in some]
            for audience, some in changes.items()
        }
        typer.echo(jsons.dumps({"changes": facts}))
        return
    with speaking(language):
        typer.echo(changes_as_text(difference(before, after, _texts())))


@app.command()
def pages(folder: Annotated[Path, typer.Argument(help="Where they are written.")] = DOCS) -> None:
    """Write the pages of the profiles that come with Wingline."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in shipped_pages(_texts()).items():
        (folder / name).write_text(text, encoding="utf-8")
        typer.echo(str(folder / name))


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(help="A profile; it may bring [choices].", exists=True, dir_okay=False)],
    *,
    by: Annotated[str, typer.Option(help="The account whose proposal it is.")],
) -> None:
    """Propose a version; it is read and signed on the console, and nowhere else."""
    settings = read_settings()
    site = read_site(settings.site_file)
    found = proposed(_text(file), file.name, site.choices)

    def act(session: Session) -> Version:
        _account_that_proposes(session, site, by)
        return profile_store.propose(session, site.id, found, By(by, now()))

    version = _on_the_site(act)
    typer.echo(
        f"Version {version.number} is proposed. Governor and scheme partner sign it on the console, at /profile."
    )


@app.command()
def history(*, json: Json = False) -> None:
    """List the versions of this site's profile, and who signed them."""
    site = read_site(read_settings().site_file)
    zone = ZoneInfo(site.site.zone)
    known = _on_the_site(lambda session: profile_store.versions(session, site.id))
    if json:
        typer.echo(jsons.dumps({"versions": [_version(one, known) for one in known]}))
        return
    for one in known:
        begins = f", from {one.in_force_from.astimezone(zone):%Y-%m-%d %H:%M}" if one.in_force_from else ""
        signed = [f"{signature.by} for {behalf.value}" for behalf in For if (signature := one.signature(behalf))]
        by = f"; signed by {' and '.join(signed)}" if signed else ""
        typer.echo(f"{one.number}  {one.name}: {state_of(one, known, now()).value}{begins}{by}")
    if not known:
        typer.echo("No profile was ever proposed here: the site file's own counts, and nobody has signed it.")


def _profile(name: str, site: Path | None) -> Profile:
    """With the choices of the site; a shipped one without a site, with those of docs/profiles."""
    if site is None and name in shipped():
        return load(name, choices_for(name))
    choices: Mapping[str, Any] = read_site(site or read_settings().site_file).choices
    return proposed(_text(Path(name)), name, choices) if name.endswith(".toml") else load(name, choices)


def _in_force(site: Path | None) -> Profile:
    if site is not None:
        return read_site(site).profile()
    here = read_site(read_settings().site_file)
    return _on_the_site(lambda session: profile_of(session, here, now()))


def _account_that_proposes(session: Session, site: SiteFile, name: str) -> None:
    account = tables.Account
    role = session.scalar(select(account.role).where(account.name == name, account.site_id == site.id))
    if role is None:
        raise UnknownName("account", name)
    if not may(AccountRole(role), Ability.PROPOSE_PROFILE):
        raise NotAllowed(Ability.PROPOSE_PROFILE, for_whom(Ability.PROPOSE_PROFILE))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(str(file), f"it cannot be read as text: {error}") from error


def _texts() -> Texts:
    return texts_of(languages())


def _on_the_site(act: Callable[[Session], T]) -> T:
    settings = read_settings()
    bring_tables(settings)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        return act(session)


def _facts(one: Page) -> dict[str, list[str]]:
    return {section.topic.value: _said(section.sentences) for section in one.sections}


def _said(some: Iterable[Said]) -> list[str]:
    return [sentence(one) for one in some]


def _version(one: Version, known: tuple[Version, ...]) -> dict[str, object]:
    signed = {behalf.value: signature.by for behalf in For if (signature := one.signature(behalf))}
    return {
        "number": one.number,
        "name": one.name,
        "state": state_of(one, known, now()).value,
        "hash": one.hash,
        "proposed_by": one.proposed_by,
        "signed": signed,
        "in_force_from": one.in_force_from.isoformat() if one.in_force_from else None,
    }
