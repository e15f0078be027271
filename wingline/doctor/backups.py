"""Whether the site can be brought back: recipients, the last backup, the programs, and what a restore left aside."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.backups import last_backup
from wingline.backup.aside import folders
from wingline.backup.copies import left_aside, missing_tool
from wingline.doctor.finding import Finding, failed, ok, warning
from wingline.settings import Settings
from wingline.site import SiteFile


def backups(session: Session, *, settings: Settings, site: SiteFile, now: datetime) -> list[Finding]:
    aside = [*map(str, folders(settings.data)), *left_aside(settings.database_url)]
    tool = missing_tool(settings.database_url)
    return [judged(site, last_backup(session), now, tool=tool), *(left(one) for one in aside)]


def judged(site: SiteFile, last: datetime | None, now: datetime, *, tool: str | None = None) -> Finding:
    if site.backups is None:
        do = "write [backups] with a recipient into the site file (docs/backups.md)"
        return warning("backup", "nothing is backed up: the site file names nobody who could open a backup", do)
    if tool is not None:
        return failed("backup", f"{tool} is missing, which copies PostgreSQL", "sudo apt-get install postgresql-client")
    if last is None:
        return warning("backup", "there has been none", "wingline backup FOLDER --keep 14, and its timer (deploy/)")
    hours = (now - last).total_seconds() / 3600
    if now - last > site.backups.warn_after:
        do = "make one now: wingline backup FOLDER --keep 14; then look why the timer did not (docs/runbook.md)"
        return warning("backup", f"the last one is {hours:.0f} hours old", do)
    return ok("backup", f"the last one is {hours:.0f} hours old")


def left(aside: str) -> Finding:
    do = "delete it once what was restored is right: what is forgotten in the database is still in there"
    return warning("restored", f"what a restore moved aside is still in {aside}", do)
