"""`wingline accounts …`: who may sign in to the console. Nothing on the console itself makes or ends an account."""

import json as jsons
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from console.accounts_invited import KnownAccount, accounts_of, comes_by_directory, end, invite, reset
from models.clock import now
from models.errors import NotAllowed
from models.words import AccountRole, SiteId
from wingline.on_the_site import by_me, on_the_site
from wingline.settings import read_settings
from wingline.site import read_site

app = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")

Name = Annotated[str, typer.Argument(help="What the account is called: a post or a name, 1 to 60 characters.")]
Role = Annotated[AccountRole, typer.Option(help="What it may see and do.")]
Oidc = Annotated[str | None, typer.Option(help="Who this is in the prison's directory: there is no code then.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]


@app.command(name="invite")
def invite_(name: Name, *, role: Role, oidc: Oidc = None, json: Json = False) -> None:
    """Make an account; the code that opens it once, within 24 hours, is shown once."""
    subject = _in_the_directory(oidc) if oidc else None

    def make(session: Session, site: SiteId) -> str:
        code = invite(session, site, name, role, by_me())
        if subject is not None:
            comes_by_directory(session, site, name, subject, by_me())
        return code

    code = on_the_site(make)
    if subject is None:
        _say_code(name, code, json=json)
    else:
        typer.echo(jsons.dumps({"name": name}) if json else f"{name} signs in by the prison's directory.")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """Say which there are, what opens each, and when each was used last."""
    found = on_the_site(lambda session, site: accounts_of(session, site, now()))
    if json:
        typer.echo(jsons.dumps({"accounts": [_answer(one) for one in found]}))
    else:
        typer.echo("\n".join(_in_words(one) for one in found) or "There are no accounts.")


@app.command(name="reset")
def reset_(name: Name, *, json: Json = False) -> None:
    """Let nothing open an account but a new code: for a lost phone, or a password that others know."""
    code = on_the_site(lambda session, site: reset(session, site, name, by_me()))
    _say_code(name, code, json=json)


@app.command(name="end")
def end_(name: Name, *, json: Json = False) -> None:
    """Take an account away; whoever is signed in with it is not any more."""
    on_the_site(lambda session, site: end(session, site, name, by_me()))
    typer.echo(jsons.dumps({"ended": name}) if json else f"{name} can sign in no more.")


def _in_the_directory(who: str) -> str:
    site = read_site(read_settings().site_file)
    if site.oidc is None:
        raise NotAllowed("add the account", "the site file has no part [oidc]; docs/accounts.md says how to write it")
    return site.oidc.hash_of(who)


def _say_code(name: str, code: str, *, json: bool) -> None:
    if json:
        typer.echo(jsons.dumps({"name": name, "code": code}))
        return
    page = f"{read_settings().console_address}/sign-in/first"
    typer.echo(f"{code}\nIt opens {page} for {name} once, within 24 hours. It is not kept, and not shown again.")


def _answer(one: KnownAccount) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role,
        "password": one.password,
        "app": one.app,
        "passkeys": one.passkeys,
        "directory": one.directory,
        "invited_until": _iso(one.invited_until),
        "signed_in": one.signed_in,
        "seen_at": _iso(one.seen_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _in_words(one: KnownAccount) -> str:
    kinds = (
        ("password", one.password),
        ("app", one.app),
        (f"{one.passkeys} passkeys" if one.passkeys != 1 else "1 passkey", one.passkeys > 0),
        ("directory", one.directory),
    )
    opens = ", ".join(word for word, has in kinds if has) or "nothing opens it yet"
    invited = f", invited until {one.invited_until:%Y-%m-%d %H:%M} UTC" if one.invited_until else ""
    seen = f", signed in {one.signed_in} times, seen {one.seen_at:%Y-%m-%d %H:%M} UTC" if one.seen_at else ""
    return f"{one.name}: {one.role}, {opens}{invited}{seen}"
