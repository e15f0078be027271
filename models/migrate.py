"""Brings a database to the tables of this release, in one transaction: wholly, or it stays as it was."""

import time
from contextlib import closing

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from models.database import Database
from models.errors import AskersFault, WinglineError

# So long it tries while others hold what it must change, with a pause in which they are not hindered.
TRY_SECONDS, PAUSE_SECONDS = 60.0, 1.0

# PostgreSQL's lock_not_available and deadlock_detected.
_HELD = frozenset({"55P03", "40P01"})


class NewerTables(AskersFault):
    def __init__(self) -> None:
        super().__init__(
            "the tables are newer than this release, and no release takes its tables back.\n"
            "  What to do: go on to the newer one, or, in a quiet hour, stop the line and restore the backup that was\n"
            "  made before its upgrade (docs/upgrade.md)."
        )


class TablesHeld(WinglineError):
    def __init__(self, within: float) -> None:
        super().__init__(
            f"the tables are as they were: for {within:.0f} s something else held one that is to be changed.\n"
            "  What to do: try again; if that does not help, PostgreSQL's pg_stat_activity shows who holds it (a copy\n"
            "  that is being made, somebody's psql). The line goes on meanwhile."
        )


class NotMigrated(WinglineError):
    """The error's own text may hold a row; its kind, and after which step it came, is enough."""

    def __init__(self, after: str, error: Exception) -> None:
        kind = type(getattr(error, "orig", None) or error).__name__
        super().__init__(
            f"the tables are as they were: the step after {after or 'none'} went wrong ({kind}).\n"
            "  What to do: stay with the release before (docs/upgrade.md, Back), and tell who makes Wingline this line."
        )


def migrate(url: str, *, within: float = TRY_SECONDS) -> None:
    """NewerTables; TablesHeld after ``within`` seconds; NotMigrated. After each of them the tables are as they were."""
    deadline = time.monotonic() + within
    with closing(Database(url)) as database:
        while not _brought(database):
            if time.monotonic() > deadline:
                raise TablesHeld(within)
            time.sleep(PAUSE_SECONDS)


def is_known(revision: str) -> bool:
    """Whether this release has been at these tables, and can bring them on."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def are_older(url: str) -> bool:
    """Whether there are tables, of a release before this one."""
    with closing(Database(url)) as database, database.engine.connect() as connection:
        at = _revision(connection)
    return bool(at) and is_known(at) and at != newest()


def newest() -> str:
    """What the tables of this release are called."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _brought(database: Database) -> bool:
    """False when somebody else holds what it needs; then nothing is left of it."""
    applied: list[str] = []
    with database.engine.connect() as connection:
        try:
            with connection.begin():
                _bring(connection, applied)
        except WinglineError:
            raise
        except Exception as error:
            if isinstance(error, OperationalError) and _is_held(error):
                return False
            raise NotMigrated(applied[-1] if applied else "", error) from error
    return True


def _bring(connection: Connection, applied: list[str]) -> None:
    """``applied``: the steps that are done, as far as it has come."""
    if at := _revision(connection):
        applied.append(at)
    if at and not is_known(at):
        raise NewerTables
    config = _config()
    config.attributes |= {"connection": connection, "applied": applied}
    command.upgrade(config, "head")


def _is_held(error: OperationalError) -> bool:
    busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    return busy or getattr(error.orig, "sqlstate", None) in _HELD


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> Config:
    config = Config()
    # A package resource, so that it is found in a checkout and in an installed wheel alike.
    config.set_main_option("script_location", "models:migrations")
    return config
