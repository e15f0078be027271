"""`wingline site …`: the prison that this line is for."""

import asyncio
import secrets
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from console.accounts import add_account
from models.database import Database
from models.migrate import migrate
from models.words import AccountRole
from wingline import accounts_cli
from wingline.backup.copies import has_tables
from wingline.certificates import tls_files
from wingline.doctor.examination import linked
from wingline.in_between import refuse_in_between
from wingline.own_database import refuse_anothers
from wingline.phone_book import phones_of
from wingline.preparing import take_site_file
from wingline.reloading import Reloaded, reload_site
from wingline.settings import Settings, read_settings
from wingline.setup.steps import console
from wingline.site import read_site
from wingline.site_changes import NOTHING, changes, in_database, in_file
from wingline.site_rows import apply_site

app = typer.Typer(no_args_is_help=True, help="The prison that this line is for.")

File = Annotated[Path, typer.Argument(help="Like docs/site-example.toml.")]


@app.command()
def check(file: File) -> None:
    """Say what the file would do; change nothing."""
    _say_changes(read_settings(), file)


@app.command()
def apply(file: File) -> None:
    """Take the file: wings, cells, Listeners, posts and shifts."""
    settings = read_settings()
    refuse_in_between(settings)
    _say_changes(settings, file)
    site = take_site_file(settings, file)
    migrate(settings.database_url)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        for name in apply_site(session, site):
            console.print(f"  {name} is left out: not known here, with a certificate that began more than a year ago.")
            console.print("  Whoever left is forgotten after a year: take them out of the file. For somebody new:")
            console.print("  wingline listeners import (docs/listeners-file.md), or the console.")
    console.print("Done. Next: make run; or, when the line is up, wingline site reload")


@app.command()
def account(name: str, *, role: Annotated[AccountRole, typer.Option()]) -> None:
    """Make an account of the console: by a code, or by a password where the settings say that it is enough."""
    settings = read_settings()
    if settings.second_factor:
        accounts_cli.invite_(name, role=role)
        return
    password = secrets.token_urlsafe(12)
    site = read_site(settings.site_file)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        add_account(session, site.id, name=name, password=password, role=role)
    typer.echo(f"{name} ({role.value}) signs in with the password {password}\nIt is not kept, and not shown again.")


@app.command()
def phones() -> None:
    """List what to type into each phone: place, SIP name, secret."""
    settings = read_settings()
    site = read_site(settings.site_file)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        known = phones_of(session, site.id)
    for phone in known:
        tls = "  TLS, SRTP" if site.phones.is_secure(phone.place) else ""
        typer.echo(f"{phone.kind.value:<10}{phone.place:<18}{phone.id}  {phone.secret}{tls}")
    if site.phones.secure:
        trusts = tls_files(settings, site.phones).authority or "the authority of your own certificate"
        typer.echo(f"With TLS: port {settings.sip_tls_port}; such a phone trusts {trusts}")


@app.command()
def reload() -> None:
    """Take a changed site into the running Asterisk; calls go on."""
    settings = read_settings()
    done = asyncio.run(_reload(settings))
    console.print(f"Read again: {', '.join(done.read_again) or 'nothing, for nothing has changed'}.")
    console.print("A changed profile, choice or language counts from the next start of the line.")
    if done.wait_for_restart:
        files = ", ".join(done.wait_for_restart)
        console.print(f"These wait for the next start of Asterisk: {files}. Choose a quiet hour for it.")


async def _reload(settings: Settings) -> Reloaded:
    async with linked(settings) as ami:
        return await reload_site(settings, ami)


def _say_changes(settings: Settings, file: Path) -> None:
    site = read_site(file)
    before = NOTHING
    if has_tables(settings.database_url):
        with closing(Database(settings.database_url)) as database, database.transaction() as session:
            refuse_anothers(session, site.id)
            before = in_database(session, site)
    console.print(f"{site.site.name}, profile {site.site.profile}:")
    for sentence in changes(before, in_file(site)):
        console.print(f"  {sentence}")
