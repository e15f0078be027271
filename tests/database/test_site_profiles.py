"""Which profile a call gets: the signed one from its own moment on, else the site file's; on both databases."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from escalation import profile_store, signing
from escalation.profile import Profile
from escalation.profile_store import Beginning, By
from escalation.signing import For, Signature
from models import tables
from models.clock import now
from models.database import Database
from models.words import Hearing
from wingline.settings import Settings
from wingline.site import SiteFile, read_site
from wingline.site_profiles import SiteProfiles, profile_of
from wingline.site_rows import apply_site

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> SiteFile:
    return read_site(EXAMPLE)


@pytest.fixture
def profiles(database: Database, site: SiteFile, tmp_path: Path) -> SiteProfiles:
    with database.transaction() as session:
        apply_site(session, site)
    return SiteProfiles(Settings(data=tmp_path, prompts=tmp_path / "prompts"), site, database)


def signed(database: Database, site: SiteFile, profile: Profile, since: datetime) -> None:
    with database.transaction() as session:
        version = profile_store.propose(session, site.id, profile, By("sam", since - HOUR))
        for behalf, who in ((For.PRISON, "Ward"), (For.SCHEME, "Okoro")):
            signature = Signature(who, since - HOUR, version.hash)
            profile_store.sign(session, site.id, version.number, behalf, signature)
        profile_store.bring_into_force(session, site.id, Beginning(version.number, since, ()), By("Ward", since - HOUR))


def test_until_something_is_signed_the_site_files_profile_counts(profiles: SiteProfiles) -> None:
    asyncio.run(profiles.refresh())

    assert profiles.at(now()).number == 0
    assert profiles.rules().hearing is Hearing.ASK


def test_what_is_signed_counts_for_the_next_call(profiles: SiteProfiles, database: Database, site: SiteFile) -> None:
    mute = replace(profiles.of_site, hearing=replace(profiles.of_site.hearing, mode=Hearing.OFF))
    signed(database, site, mute, now() - HOUR)
    before = profiles.rules()
    asyncio.run(profiles.refresh())

    after = profiles.rules()
    assert (before.hearing, after.hearing, after.profile.number) == (Hearing.ASK, Hearing.OFF, 1)
    assert database.do(lambda session: profile_of(session, site, now())).number == 1


def test_what_is_planned_begins_at_its_own_moment_and_not_at_the_next_look(
    profiles: SiteProfiles, database: Database, site: SiteFile
) -> None:
    soon = now() + HOUR
    signed(database, site, profiles.of_site, soon)
    asyncio.run(profiles.refresh())

    assert profiles.at(soon - timedelta(microseconds=1)).number == 0
    assert profiles.at(soon).number == 1


def test_a_version_that_cannot_be_read_takes_nothing_away_from_the_line(
    profiles: SiteProfiles, database: Database, site: SiteFile
) -> None:
    signed(database, site, profiles.of_site, now() - HOUR)
    asyncio.run(profiles.refresh())
    with database.transaction() as session:
        content = {"name": "of a release to come"}
        row = tables.ProfileVersion
        hash_ = signing.hash_of(content)
        session.execute(update(row).values(content=content, prison_signed_hash=hash_, scheme_signed_hash=hash_))
    asyncio.run(profiles.refresh())

    assert profiles.at(now()).number == 1
