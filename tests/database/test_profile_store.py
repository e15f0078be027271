"""Versions of a profile as rows, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import builders
import pytest
from builders import NOON, SITE
from sqlalchemy import select, update

from escalation.profile import Profile
from escalation.profile_file import load
from escalation.profile_store import (
    Beginning,
    By,
    bring_into_force,
    in_force,
    in_force_and_planned,
    propose,
    sign,
    version,
    versions,
    withdraw,
)
from escalation.signing import For, Signature, State, state_of
from models import tables
from models.audit import read_chain
from models.database import Database
from models.errors import BadProfile, NotAllowed, UnknownName
from models.words import SiteId

HERE = SiteId(SITE)
HOUR = timedelta(hours=1)
CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
ADULT = load("uk-listener-adult", CHOICES)
SAM = By("sam", NOON)


@pytest.fixture
def prison(database: Database) -> Database:
    with database.transaction() as session:
        session.add(builders.a_site())
    return database


def proposed(database: Database, profile: Profile = ADULT, by: By = SAM) -> str:
    """The hash of what was proposed."""
    return database.do(lambda session: propose(session, HERE, profile, by)).hash


def signed_by(database: Database, number: int, *who: tuple[For, str], read: str | None = None) -> None:
    for behalf, name in who:
        with database.transaction() as session:
            was_read = read or version(session, HERE, number)[0].hash
            sign(session, HERE, number, behalf, Signature(name, NOON, was_read))


def in_force_from(database: Database, number: int, hours: float, *, wrong: tuple[str, ...] = ()) -> None:
    with database.transaction() as session:
        since = NOON + hours * HOUR
        bring_into_force(session, HERE, Beginning(number, since, wrong), By("Ward", min(NOON, since)))


BOTH = ((For.PRISON, "Ward"), (For.SCHEME, "Okoro"))


def a_version_in_force(database: Database, profile: Profile = ADULT, number: int = 1, hours: float = -1) -> None:
    proposed(database, profile)
    signed_by(database, number, *BOTH)
    in_force_from(database, number, hours)


def test_proposed_signed_by_two_and_in_force(prison: Database) -> None:
    a_version_in_force(prison)

    with prison.transaction() as session:
        assert in_force(session, HERE, NOON - 2 * HOUR) is None
        assert in_force(session, HERE, NOON) == replace(ADULT, number=1)
        entries = read_chain(session).entries
    assert [(one.deed.who, one.deed.what) for one in entries] == [
        ("sam", "profile proposed"),
        ("Ward", "profile signed"),
        ("Okoro", "profile signed"),
        ("Ward", "profile in force"),
    ]
    assert len({one.deed.about for one in entries}) == 1


def test_the_same_profile_has_the_same_hash_whatever_the_order_of_its_sets(prison: Database) -> None:
    first = proposed(prison)
    again = prison.do(lambda session: version(session, HERE, 1))

    assert again[0].hash == first
    assert again[1] == replace(ADULT, number=1)


def test_another_proposal_takes_the_place_of_the_first_and_has_none_of_its_signatures(prison: Database) -> None:
    proposed(prison)
    signed_by(prison, 1, *BOTH)
    proposed(prison, replace(ADULT, title="Changed"), By("Ward", NOON + HOUR))

    with prison.transaction() as session:
        first, second = versions(session, HERE)
        assert state_of(first, (first, second), NOON) is State.WITHDRAWN
        assert state_of(second, (first, second), NOON) is State.PROPOSED
    with pytest.raises(NotAllowed, match="not signed for the prison and the scheme"):
        in_force_from(prison, 2, 0)
    with pytest.raises(NotAllowed, match="no proposal any more"):
        in_force_from(prison, 1, 0)


def test_two_who_propose_at_once_leave_one_proposal(prison: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: proposed(prison, ADULT, By(f"sam {n}", NOON)), range(4)))

    known = prison.do(lambda session: versions(session, HERE))
    assert [one.number for one in known] == [1, 2, 3, 4]
    assert [bool(one.withdrawn_at) for one in known] == [True, True, True, False]


def test_two_signatures_in_the_same_moment_both_count(prison: Database) -> None:
    proposed(prison)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: signed_by(prison, 1, one), BOTH))

    assert prison.do(lambda session: versions(session, HERE))[0].is_signed


def test_the_same_account_cannot_give_the_second_signature(prison: Database) -> None:
    proposed(prison)
    signed_by(prison, 1, (For.PRISON, "Ward"))

    with pytest.raises(NotAllowed, match="another person's"):
        signed_by(prison, 1, (For.SCHEME, "Ward"))


def test_nobody_signs_what_they_have_not_read(prison: Database) -> None:
    proposed(prison)

    with pytest.raises(NotAllowed, match="read it again"):
        signed_by(prison, 1, (For.PRISON, "Ward"), read="0" * 64)


def test_a_notice_that_is_wrong_holds_it_back_and_leaves_no_entry(prison: Database) -> None:
    proposed(prison)
    signed_by(prison, 1, *BOTH)

    with pytest.raises(NotAllowed, match="takes 13 s"):
        in_force_from(prison, 1, 0, wrong=("notice.ask takes 13 s",))
    with prison.transaction() as session:
        assert in_force(session, HERE, NOON + HOUR) is None
        assert "profile in force" not in {one.deed.what for one in read_chain(session).entries}


def test_a_row_that_was_changed_beneath_its_signatures_counts_for_nothing(prison: Database) -> None:
    a_version_in_force(prison, hours=-2)
    a_version_in_force(prison, replace(ADULT, title="Second"), number=2)
    with prison.transaction() as session:
        row = tables.ProfileVersion
        content: Any = session.scalar(select(row.content).where(row.number == 2))
        loud = {**content, "exception_rule": ["attempt"]}
        session.execute(update(row).where(row.number == 2).values(content=loud))

    with prison.transaction() as session:
        assert in_force(session, HERE, NOON) == replace(ADULT, number=1)
        known = versions(session, HERE)
        assert state_of(known[1], known, NOON) is State.NOT_WHAT_WAS_SIGNED


def test_what_is_planned_is_read_beside_what_is_in_force(prison: Database) -> None:
    a_version_in_force(prison)
    a_version_in_force(prison, replace(ADULT, title="Next"), number=2, hours=3)

    read = prison.do(lambda session: in_force_and_planned(session, HERE, NOON))
    assert [(since, profile.number) for since, profile in read] == [(NOON - HOUR, 1), (NOON + 3 * HOUR, 2)]
    with prison.transaction() as session:
        withdraw(session, HERE, 2, By("Okoro", NOON))
    assert len(prison.do(lambda session: in_force_and_planned(session, HERE, NOON))) == 1


def test_what_has_been_in_force_is_kept(prison: Database) -> None:
    a_version_in_force(prison)

    with pytest.raises(NotAllowed, match="propose another one"), prison.transaction() as session:
        withdraw(session, HERE, 1, By("Okoro", NOON + HOUR))


def test_a_version_of_another_site_is_nobodys_here(prison: Database) -> None:
    with prison.transaction() as session:
        session.add(builders.a_site(id="site-other"))
        session.flush()
        propose(session, SiteId("site-other"), ADULT, SAM)

    with prison.transaction() as session:
        assert versions(session, HERE) == ()
        with pytest.raises(UnknownName, match="version of the profile"):
            version(session, HERE, 1)
    proposed(prison)
    assert [one.number for one in prison.do(lambda session: versions(session, HERE))] == [1]


def test_a_version_that_this_release_cannot_read_says_so(prison: Database) -> None:
    proposed(prison)
    with prison.transaction() as session:
        session.execute(update(tables.ProfileVersion).values(content={"name": "old"}))

    with pytest.raises(BadProfile, match="uk-listener-adult 1"), prison.transaction() as session:
        version(session, HERE, 1)
