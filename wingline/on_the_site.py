"""One act of the command line on the database of this installation's site."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from sqlalchemy.orm import Session

from models.clock import now
from models.database import Database
from models.words import SiteId
from rota.site_rota import By
from wingline.in_between import refuse_in_between
from wingline.own_database import bring_up_to_date
from wingline.settings import read_settings
from wingline.site import SiteFile, read_site

T = TypeVar("T")


@contextmanager
def the_site() -> Iterator[tuple[Session, SiteFile]]:
    """One transaction, on tables that are of this release. BadSite when there is no site file, or a wrong one;
    AnothersDatabase when the tables are not this site's, OlderTables when a line is up that needs them as they are.
    """
    settings = read_settings()
    site = read_site(settings.site_file)
    refuse_in_between(settings)
    bring_up_to_date(settings.database_url, site.id)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        yield session, site


def on_the_site(act: Callable[[Session, SiteId], T]) -> T:
    with the_site() as (session, site):
        return act(session, site.id)


def by_me() -> By:
    """Whoever is signed in on this machine, and when."""
    return By(getpass.getuser(), now())
