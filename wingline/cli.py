"""`wingline`: the command line behind `make demo` and `make run`."""

import asyncio
import logging
import os
import sys
from contextlib import nullcontext
from functools import partial
from typing import Annotated, Any

import typer
from sqlalchemy.exc import OperationalError
from typer.core import TyperGroup

from models.errors import WinglineError
from models.migrate import migrate as migrate_tables
from wingline import (
    accounts_cli,
    audit_cli,
    backup_cli,
    kept_cli,
    listeners_cli,
    listening_cli,
    movements_cli,
    profile_cli,
    secrets_cli,
    site_cli,
    tokens_cli,
    upgrade_cli,
)
from wingline.doctor.examination import examine
from wingline.doctor.finding import Finding, anything_failed
from wingline.doctor.report import as_json, summary, write_finding
from wingline.logs import LEVEL_VARIABLE, set_up_logs
from wingline.settings import read_settings
from wingline.setup.steps import console
from wingline.up import run_up

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]


class _Words(TyperGroup):
    """What goes wrong is said in words with what to do; a traceback is only for what nobody foresaw."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except WinglineError as error:
            sys.stderr.write(f"{error}\n")
        except OperationalError as error:
            # Its own text may hold a row; the kind is enough.
            sys.stderr.write(f"The database cannot be used ({type(error.orig).__name__}): look at WINGLINE_DATABASE.\n")
        raise typer.Exit(1)


app = typer.Typer(cls=_Words, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(site_cli.app, name="site")
app.add_typer(accounts_cli.app, name="accounts")
app.add_typer(audit_cli.app, name="audit")
app.add_typer(profile_cli.app, name="profile")
app.add_typer(movements_cli.app, name="movements")
app.add_typer(tokens_cli.app, name="tokens")
app.add_typer(kept_cli.app, name="kept")
app.add_typer(listeners_cli.app, name="listeners")
app.add_typer(secrets_cli.app, name="secrets")
app.add_typer(listening_cli.app, name="listening")
listeners_cli.app.add_typer(movements_cli.keep_apart_app, name="keep-apart")
app.command("backup")(backup_cli.backup_command)
app.command("restore")(backup_cli.restore_command)
app.command("upgrade")(upgrade_cli.upgrade_command)
app.command("drain")(upgrade_cli.drain_command)


def _add_what_is_slow_to_load() -> None:
    """Only when they are asked for: they load recognisers or a solver, and the others need not wait for them."""
    if {"evaluate", "bench"} & set(sys.argv[1:2]):
        from wingline import upgrade_bench  # noqa: PLC0415
        from wingline.bench import cli as bench_cli  # noqa: PLC0415
        from wingline.console_bench import command as console_bench  # noqa: PLC0415
        from wingline.evaluation.cli import bench, evaluate  # noqa: PLC0415

        bench.command("console")(console_bench.command)
        bench.command("upgrade")(upgrade_bench.command)
        bench.command("claims")(bench_cli.claims)
        bench.callback(invoke_without_command=True)(bench_cli.load)
        app.add_typer(evaluate, name="evaluate")
        app.add_typer(bench, name="bench")
    if "protocol" in sys.argv[1:2]:
        from wingline import protocol_bench  # noqa: PLC0415
        from wingline.protocol import cli as protocol_cli  # noqa: PLC0415

        protocol_cli.app.command("bench")(protocol_bench.command)
        app.add_typer(protocol_cli.app, name="protocol")
    if "chaos" in sys.argv[1:2]:
        from wingline import chaos_cli  # noqa: PLC0415

        app.command("chaos")(chaos_cli.command)
    if "rota" in sys.argv[1:2]:
        from wingline import rota_cli  # noqa: PLC0415

        app.add_typer(rota_cli.app, name="rota")
    if "oversight" in sys.argv[1:2]:
        from wingline import oversight_cli  # noqa: PLC0415

        app.add_typer(oversight_cli.app, name="oversight")
    if {"drill", "nightly"} & set(sys.argv[1:2]):
        from wingline import drill_cli  # noqa: PLC0415

        app.add_typer(drill_cli.app, name="drill")
        app.add_typer(drill_cli.nightly_app, name="nightly")


@app.callback()
def begin(context: typer.Context) -> None:
    """A Listener line for prisons."""
    if context.invoked_subcommand != "up":
        # These commands speak for themselves.
        os.environ.setdefault(LEVEL_VARIABLE, logging.getLevelName(logging.ERROR))
    set_up_logs()


@app.command()
def up() -> None:
    """Start the line of the site and keep it running until Ctrl-C."""
    asyncio.run(run_up(read_settings()))


@app.command()
def speech() -> None:
    """Hear the calls of nodes that are on other machines (deploy/cluster); nothing else of the line runs here."""
    from wingline.service import hears_with, speech_command  # noqa: PLC0415

    command = speech_command(read_settings())
    os.execve(command[0], command, {**os.environ, **hears_with()})  # noqa: S606  it is this process from now on


@app.command()
def demo(
    *,
    json: Json = False,
    stay: Annotated[bool | None, typer.Option(help="Stay up afterwards; without it: on a terminal.")] = None,
) -> None:
    """Play one whole call on real phones in a prison of its own."""
    from wingline.demo.show import run_demo  # noqa: PLC0415 - the phones are for the demonstration alone

    stays = stay if stay is not None else sys.stdout.isatty() and not json
    raise typer.Exit(run_demo(json=json, stay=stays))


@app.command()
def doctor(
    *,
    json: Json = False,
    quick: Annotated[bool, typer.Option("--quick", help="Without test sentence and test call.")] = False,
) -> None:
    """Prove the whole chain; exit code 1 when any link fails."""
    examination = examine(read_settings(), quick=quick, told=_nothing if json else partial(write_finding, console))
    with nullcontext() if json else console.status("examining; the test call takes a few seconds"):
        findings = asyncio.run(examination)
    sys.stdout.write(f"{as_json(findings)}\n" if json else f"{summary(findings)}\n")
    raise typer.Exit(1 if anything_failed(findings) else 0)


def _nothing(_finding: Finding) -> None:
    """The one JSON object at the end says it all."""


@app.command()
def migrate() -> None:
    """Bring the database to the tables of this release."""
    settings = read_settings()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate_tables(settings.database_url)
    console.print("The database has the tables of this release.")


_add_what_is_slow_to_load()
