"""`wingline rota …`: the rota of a site, or one that is given as a file."""

import getpass
import json as jsons
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.rota.store import names_of
from listeners.csv_file import decoded
from models import tables
from models.clock import now
from models.errors import UnknownName
from models.words import AbsenceKind, ListenerId, SiteId, WingId
from rota import feeds, site_rota
from rota.answers import answer, answer_to, gap_answer, gap_in_words, in_words, rota_in_words
from rota.exports import as_csv, as_spreadsheet, from_csv, from_spreadsheet, is_of, sheet
from rota.gaps import gaps_ahead
from rota.leave import take_leave
from rota.measuring import figures
from rota.names import Names
from rota.people import zone_of
from rota.person import Span
from rota.problem import Problem
from rota.problem_file import read_problem
from rota.scheme import Scheme
from rota.site_rota import By
from rota.solution import Effort
from rota.solver import solve
from rota.stand_ins import stand_ins
from rota.why_not import unfilled
from wingline.on_the_site import the_site

app = typer.Typer(no_args_is_help=True, help="The rota: made, checked, published, shown, explained.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="How long to look for a better one, at most.")]
Near = Annotated[float, typer.Option(min=0.0, max=1.0, help="How near to the proven bound is enough: 0.02 is 2 %.")]
Since = Annotated[str, typer.Option(help="The first day, as 2026-12-01; without it tomorrow.")]
Days = Annotated[int, typer.Option(min=1, max=400)]
DraftId = Annotated[str | None, typer.Argument(help="A draft's id; without it the newest.")]


@dataclass(frozen=True, slots=True)
class _Site:
    """One act on the database of the site."""

    session: Session
    id: SiteId
    scheme: Scheme

    def problem(self, since: str, days: int) -> Problem:
        first = date.fromisoformat(since) if since else now().astimezone(zone_of(self.session, self.id)).date() + A_DAY
        return site_rota.problem_of(self.session, self.id, self.scheme, since=first, days=days)

    def listener(self, code_name: str) -> ListenerId:
        mine = tables.Listener.site_id == self.id, tables.Listener.code_name == code_name
        found = self.session.scalar(select(tables.Listener.id).where(*mine))
        if found is None:
            raise UnknownName("Listener", code_name)
        return ListenerId(found)

    def names(self) -> Names:
        """Also of those who have left: what they did stays on the rota."""
        return names_of(self.session, self.id)

    def problem_of_draft(self, draft: site_rota.Draft) -> Problem:
        return site_rota.problem_of_draft(self.session, self.id, self.scheme, draft)


A_DAY = timedelta(days=1)


@contextmanager
def _site() -> Iterator[_Site]:
    with the_site() as (session, site):
        yield _Site(session, site.id, site.scheme())


@app.command()
def generate(  # noqa: PLR0913 - each is an option of the command line
    *,
    problem: Annotated[Path | None, typer.Option(help="A problem as in docs/rota-problem.md; no database.")] = None,
    since: Since = "",
    days: Days = 28,
    json: Json = False,
    seconds: Seconds = 60.0,
    gap: Near = 0.0,
) -> None:
    """Make a rota: a draft of the site's, or the answer to a problem that is given as a file."""
    effort = Effort(seconds=seconds, near_enough=gap)
    if problem is not None:
        asked, draft = read_problem(problem), None
        found = solve(asked, effort)
    else:
        with _site() as site:
            asked = site.problem(since, days)
        # The database is not held while the solver thinks.
        found = solve(asked, effort)
        with _site() as site:
            draft = site_rota.keep_draft(site.session, site.id, asked, found.assigned, By(getpass.getuser(), now()))
    plain = problem is not None
    if json:
        typer.echo(jsons.dumps({**answer(asked, found, plain=plain), "draft": draft}))
        return
    typer.echo("\n".join(in_words(asked, found, plain=plain)))
    if draft:
        typer.echo(f"This is draft {draft}. Nobody is on duty by it until: wingline rota publish {draft}")


@app.command()
def check(draft: DraftId = None, *, json: Json = False) -> None:
    """Say what a draft would break if it were published now; exit code 1 when anything."""
    with _site() as site:
        chosen = site_rota.draft(site.session, site.id, draft)
        problem = site.problem_of_draft(chosen)
    site_rota.refuse_strangers(problem, chosen)
    found = answer_to(problem, chosen.assigned)
    if json:
        typer.echo(jsons.dumps({"draft": chosen.id, **found}))
    else:
        typer.echo("\n".join(rota_in_words(problem, chosen.assigned)))
    raise typer.Exit(bool(found["broken"]))


@app.command()
def publish(draft: DraftId = None, *, json: Json = False) -> None:
    """Put a draft into force; refused while a hard rule is broken."""
    with _site() as site:
        chosen = site_rota.draft(site.session, site.id, draft)
        by = By(getpass.getuser(), now())
        changed = site_rota.publish(site.session, site.id, site.problem_of_draft(chosen), chosen, by)
    if json:
        typer.echo(jsons.dumps({"published": chosen.id, "changed": changed}))
    else:
        typer.echo(f"Published: {chosen.id}, {changed} shifts changed.")


@app.command()
def show(*, since: Since = "", days: Days = 7, json: Json = False) -> None:
    """The published rota: who is on, and what is empty."""
    with _site() as site:
        problem, names = site.problem(since, days), site.names()
    if json:
        typer.echo(jsons.dumps(answer_to(problem, sorted(problem.published), names=names)))
    else:
        typer.echo("\n".join(rota_in_words(problem, sorted(problem.published), names=names)))


@app.command()
def explain(
    slot: Annotated[str | None, typer.Argument(help='Such as "night 2026-12-01"; without it every gap ahead.')] = None,
    *,
    since: Since = "",
    days: Days = 28,
    json: Json = False,
) -> None:
    """Why a shift is not full, who could take it and why them, and what would free it."""
    with _site() as site:
        problem = site.problem(since, days)
    if slot is not None and slot not in problem.slot:
        raise UnknownName("shift on these days", slot)
    empty = [one for one in unfilled(problem, sorted(problem.published)) if slot in {None, one.slot.id}]
    found = [(gap, stand_ins(problem, problem.published, gap.empty.slot)) for gap in gaps_ahead(empty, now=now())]
    if json:
        typer.echo(jsons.dumps({"gaps": [gap_answer(problem, gap, who) for gap, who in found]}))
        return
    lines = [line for gap, who in found for line in gap_in_words(problem, gap, who)]
    typer.echo("\n".join(lines) or "No gap: every seat is taken.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Ends in .csv, .xlsx or .html (a sheet to print).")],
    *,
    since: Since = "",
    days: Days = 28,
    wing: Annotated[str | None, typer.Option(help="Only what this wing's Listeners have.")] = None,
) -> None:
    """Write the published rota to a file."""
    with _site() as site:
        problem, names = site.problem(since, days), site.names()
    published = sorted(problem.published)
    shown = [one for one in published if is_of(problem, one.listener, wing)]
    match file.suffix:
        case ".csv":
            file.write_text(as_csv(problem, shown, names), "utf-8")
        case ".xlsx":
            file.write_bytes(as_spreadsheet(problem, shown, names))
        case ".html":
            title = f"Listeners on duty{f', {wing} wing' if wing else ''}"
            page = sheet(problem, published, title=title, wing=WingId(wing) if wing else None, names=names)
            file.write_text(page, "utf-8")
        case _:
            raise UnknownName("kind of rota file", file.suffix)
    typer.echo(f"{len(shown)} shifts written to {file}")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX as `export` writes it.")],
    *,
    since: Since = "",
    days: Days = 28,
    json: Json = False,
) -> None:
    """Take a rota that was made elsewhere as a draft; check and publish it like any other."""
    with _site() as site:
        problem = site.problem(since, days)
        read = (
            from_spreadsheet(problem, file.read_bytes())
            if file.suffix == ".xlsx"
            else from_csv(problem, decoded(file.read_bytes()))
        )
        draft = site_rota.keep_draft(site.session, site.id, problem, read, By(getpass.getuser(), now()))
    wrong = answer_to(problem, read)["broken"]
    typer.echo(
        jsons.dumps({"draft": draft, "shifts": len(read), "broken": wrong})
        if json
        else f"This is draft {draft}: {len(read)} shifts. Next: wingline rota check {draft}"
    )


@app.command()
def leave(
    listener: Annotated[str, typer.Argument(help="The code name.")],
    *,
    since: Annotated[datetime, typer.Option(help="Local time of the site.")],
    until: Annotated[datetime, typer.Option(help="Local time of the site.")],
    kind: Annotated[AbsenceKind, typer.Option()] = AbsenceKind.LEAVE,
) -> None:
    """Note when a Listener cannot be on duty; their shifts in it are freed."""
    with _site() as site:
        zone = zone_of(site.session, site.id)
        span = Span(since.replace(tzinfo=zone), until.replace(tzinfo=zone))
        freed = take_leave(site.session, site.listener(listener), kind, span, now=now())
    typer.echo(f"Noted; {len(freed)} shifts are free now. Next: wingline rota explain")


@app.command()
def calendar(
    listener: Annotated[str, typer.Argument(help="The code name.")],
    *,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the address back.")] = False,
) -> None:
    """Make a new address of a Listener's calendar feed; it is shown once, and the one before opens nothing."""
    with _site() as site:
        who = site.listener(listener)
        if revoke:
            feeds.revoke(site.session, who)
        secret = "" if revoke else feeds.new_feed(site.session, who)
    typer.echo(f"/calendars/{secret}.ics on the console's address" if secret else "Taken back.")


@app.command()
def bench(
    *, year_days: Annotated[int, typer.Option(min=0, help="0 leaves the year out.")] = 364, json: Json = False
) -> None:
    """Measure how long rotas and repairs take here, and live through a year of a made-up prison."""
    found = figures(year_days=year_days)
    typer.echo(jsons.dumps(found) if json else jsons.dumps(found, indent=1))
