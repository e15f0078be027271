"""Whose database it is: each prison has one of its own (docs/decisions/0018-a-database-for-each-prison.md)."""

from collections.abc import Sequence
from contextlib import closing

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.errors import AskersFault
from models.migrate import migrate
from models.words import SiteId


class AnothersDatabase(AskersFault):
    def __init__(self, site: SiteId, others: Sequence[str]) -> None:
        super().__init__(
            f"the database is of {', '.join(map(repr, others))}, and the site file is of {site!r}: each prison has a "
            "database of its own.\n"
            "  What to do: let WINGLINE_DATABASE name this site's (deploy/cluster/site.sql makes one). If it is the\n"
            "  same prison, write its id into the site file as it was: an id is for good."
        )


def bring_up_to_date(url: str, site: SiteId) -> None:
    """Tables of this release. AnothersDatabase when they are another prison's, which are left at the release that they
    have: its line runs on them.
    """
    with closing(Database(url)) as database:
        database.do(lambda session: refuse_anothers(session, site))
    migrate(url)


def refuse_anothers(session: Session, site: SiteId) -> None:
    """AnothersDatabase unless the site is in there, or nobody is. Until the transaction ends nobody else comes in.

    A site that is in there beside others starts: a database that has two is older than this rule, and a line is not
    to be silent for it. The doctor tells (wingline/doctor/records.py).
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two may start at once on a new database; SQLite's write lock does the same without asking.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("wingline site"))))
    if not inspect(session.connection()).has_table(tables.Site.__tablename__):
        return
    if session.scalar(select(tables.Site.id).where(tables.Site.id == site)) is None and (
        there := others(session, site)
    ):
        raise AnothersDatabase(site, there)


def others(session: Session, site: SiteId) -> Sequence[str]:
    """Of other prisons. The site of the nightly call to itself is none (wingline/nightly_site.py)."""
    rows = session.scalars(select(tables.Site.id).where(tables.Site.id != site).order_by(tables.Site.id))
    return [one for one in rows if "_" not in one]
