"""What the database says: reachable, at this release's tables, and a rota that covers the next day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.words import SiteId
from rota.on_duty import Gap, gaps
from rota.store import shifts_between
from wingline.doctor.finding import Finding, failed, ok, warning
from wingline.own_database import others

AHEAD = timedelta(hours=24)


def database(opened: Database) -> Finding:
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    newest = ScriptDirectory.from_config(config).get_current_head()
    try:
        with opened.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return failed("database", f"it cannot be opened ({type(error).__name__})", "look at WINGLINE_DATABASE")
    if present != newest:
        return failed("database", "its tables are not those of this release", "wingline migrate")
    return ok("database", "reachable, with the tables of this release")


def owner(session: Session, site: SiteId) -> Finding:
    """Each prison has a database of its own (docs/decisions/0018)."""
    if there := others(session, site):
        does = "this line sees to what is open there, and whoever reads the audit reads theirs"
        do = "ask whoever set it up: a prison that is in use needs a database of its own (deploy/cluster/site.sql)"
        return warning("whose database", f"it has rows of {', '.join(map(repr, there))} as well: {does}", do)
    return ok("whose database", "this site's alone")


def rota(session: Session, site: SiteId, now: datetime) -> Finding:
    row = session.get(tables.Site, site)
    if row is None:
        return failed("rota", "the site is not in the database", "wingline site apply FILE")
    shifts = shifts_between(session, site, since=now, until=now + AHEAD)
    # One Listener alone cannot be passed over, rest, or be helped by a second.
    thin = gaps(shifts, since=now, until=now + AHEAD, minimum=2)
    return judged_rota(thin, ZoneInfo(row.zone))


def judged_rota(thin: Sequence[Gap], zone: ZoneInfo) -> Finding:
    empty = [gap for gap in thin if gap.fewest == 0]
    fill = "wingline rota generate and rota publish, or write shifts for these hours, [[shifts]] in the site file"
    if empty:
        return failed("rota", f"at some time nobody is on duty: {_times(empty, zone)}", fill)
    if thin:
        return warning("rota", f"at some time one Listener is alone: {_times(thin, zone)}", fill)
    return ok("rota", "at least two Listeners are on duty at any time of the next 24 hours")


def _times(thin: Sequence[Gap], zone: ZoneInfo) -> str:
    spans = ((gap.starts_at.astimezone(zone), gap.ends_at.astimezone(zone)) for gap in thin)
    return ", ".join(f"{starts:%a %H:%M} to {ends:%a %H:%M}" for starts, ends in spans)


def accounts(session: Session, site: SiteId) -> int:
    return len(session.scalars(select(tables.Account.id).where(tables.Account.site_id == site)).all())
