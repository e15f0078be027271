"""`python -m wingline.nightly ID`: makes the nightly call that the line has begun, and writes down how far it came."""

import asyncio
import sys
from contextlib import closing

import structlog

from escalation.nightly import Link, NightlyId, end
from models import audit
from models.clock import now
from models.database import Database
from models.errors import WinglineError
from wingline.logs import set_up_logs
from wingline.nightly_call import Outcome, call_itself
from wingline.nightly_site import NODE
from wingline.settings import Settings, read_settings
from wingline.site import SiteFile, read_site

log = structlog.get_logger()

MADE = "nightly call made"


async def make(settings: Settings, site: SiteFile, database: Database, begun: NightlyId) -> Outcome:
    """The audit keeps that an escalation was raised and closed; this entry says that it was nobody's."""
    broken: Link | None = Link.FINISHED
    try:
        outcome = await call_itself(settings, site, database)
        broken = outcome.broken
    finally:
        await database.run(lambda session: end(session, begun, broken, now()))
    await database.run(lambda session: audit.note(session, NODE, MADE, begun, now()))
    log.info("nightly.ended", broken=broken)
    return outcome


def main() -> int:
    set_up_logs()
    settings = read_settings()
    try:
        site = read_site(settings.site_file)
        with closing(Database(settings.database_url)) as database:
            asyncio.run(make(settings, site, database, NightlyId(sys.argv[1])))
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
