"""Accounts, invitations and sign-ins, as the database keeps them: what two do at once, one of them does."""

from datetime import timedelta

import pytest
from builders import NOON, SITE, a_site
from races import at_once
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console import sessions_store
from console.accounts import SignedIn, add_account, known_as
from console.accounts_invited import accounts_of, end, invite, invited, reset, use_code
from console.accounts_totp import use_step
from console.passkeys import NewKey, NotAccepted, add
from console.sessions import BrowserSession
from console.signing_in_rules import SigningIn
from models.audit import read_chain
from models.database import Database
from models.tables import Account, Invitation, Passkey, SignIn
from models.words import AccountRole, SiteId
from rota.site_rota import By

PRISON, OTHER = SiteId(SITE), SiteId("site-other")
ROOT = By("root", NOON)
RULES = SigningIn(idle=timedelta(minutes=30), at_most=timedelta(hours=12))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BROWSER = BrowserSession("a mark")


@pytest.fixture
def prison(database: Database) -> Database:
    with database.transaction() as session:
        session.add_all([a_site(), a_site(id=OTHER)])
    return database


def an_account(database: Database, name: str = "sam", role: AccountRole = AccountRole.COORDINATOR) -> SignedIn:
    def make(session: Session) -> SignedIn:
        return SignedIn(add_account(session, PRISON, name=name, password=None, role=role), name, role)

    return database.do(make)


def signs_in(database: Database, who: SignedIn, browser: BrowserSession = BROWSER) -> None:
    database.do(lambda session: sessions_store.begin(session, who, browser, RULES, NOON))


def test_of_two_who_use_a_code_at_once_one_gets_in(prison: Database) -> None:
    code = prison.do(lambda session: invite(session, PRISON, "Dr Owen", AccountRole.STAFF, ROOT))
    used = at_once(prison, [lambda session: use_code(session, PRISON, code, NOON) is not None] * 4)

    assert sorted(used) == [False, False, False, True]


def test_of_two_who_give_the_same_digits_at_once_one_gets_in(prison: Database) -> None:
    who = an_account(prison)
    used = at_once(prison, [lambda session: use_step(session, who.account, 7)] * 4)

    assert sorted(used) == [False, False, False, True]
    assert not prison.do(lambda session: use_step(session, who.account, 6))
    assert prison.do(lambda session: use_step(session, who.account, 8))


def test_of_two_who_sign_out_at_once_one_is_in_the_audit(prison: Database) -> None:
    signs_in(prison, an_account(prison))
    at_once(prison, [lambda session: sessions_store.end(session, BROWSER, NOON)] * 4)

    assert [entry.deed.what for entry in prison.do(read_chain).entries] == ["signed_in", "signed_out"]


def test_a_code_is_of_one_site(prison: Database) -> None:
    code = prison.do(lambda session: invite(session, PRISON, "Dr Owen", AccountRole.STAFF, ROOT))

    assert prison.do(lambda session: invited(session, OTHER, code, NOON)) is None
    assert prison.do(lambda session: invited(session, PRISON, code, NOON)) is not None


def test_a_code_is_over_after_a_day_to_the_second(prison: Database) -> None:
    code = prison.do(lambda session: invite(session, PRISON, "Dr Owen", AccountRole.STAFF, ROOT))

    assert prison.do(lambda session: invited(session, PRISON, code, NOON + 24 * HOUR)) is None
    assert prison.do(lambda session: use_code(session, PRISON, code, NOON + 24 * HOUR)) is None
    assert prison.do(lambda session: use_code(session, PRISON, code, NOON + 24 * HOUR - MINUTE)) is not None


def test_every_role_can_be_kept(prison: Database) -> None:
    for role in AccountRole:
        an_account(prison, role.value, role)

    kept = prison.do(lambda session: accounts_of(session, PRISON, NOON))
    assert {one.role for one in kept} == set(AccountRole)


@pytest.mark.parametrize(
    ("role", "later", "still"),
    [
        (AccountRole.COORDINATOR, 30 * MINUTE, True),
        (AccountRole.COORDINATOR, 31 * MINUTE, False),
        (AccountRole.TECHNICIAN, 31 * MINUTE, False),
        (AccountRole.STAFF, 12 * HOUR - MINUTE, True),
        (AccountRole.STAFF, 12 * HOUR, False),
    ],
)
def test_a_sign_in_ends_when_nobody_was_there_for_so_long(
    prison: Database, role: AccountRole, later: timedelta, *, still: bool
) -> None:
    signs_in(prison, an_account(prison, role=role))
    who = prison.do(lambda session: sessions_store.whose(session, PRISON, BROWSER, RULES, NOON + later))

    assert (who is not None) is still
    assert prison.do(lambda session: session.scalar(select(func.count()).select_from(SignIn))) == int(still)


def test_who_goes_on_working_stays_signed_in_until_the_end_of_a_shift_and_no_longer(prison: Database) -> None:
    signs_in(prison, an_account(prison))
    moment = NOON
    while moment < NOON + 12 * HOUR - 20 * MINUTE:
        moment += 20 * MINUTE
        assert prison.do(lambda session, at=moment: sessions_store.whose(session, PRISON, BROWSER, RULES, at))
        prison.do(lambda session, at=moment: sessions_store.seen(session, BROWSER, at))

    assert prison.do(lambda session: sessions_store.whose(session, PRISON, BROWSER, RULES, NOON + 12 * HOUR)) is None


def test_a_sign_in_is_of_one_site_and_of_one_browser(prison: Database) -> None:
    signs_in(prison, an_account(prison))

    assert prison.do(lambda session: sessions_store.whose(session, OTHER, BROWSER, RULES, NOON)) is None
    another = BrowserSession("another mark")
    assert prison.do(lambda session: sessions_store.whose(session, PRISON, another, RULES, NOON)) is None


def test_what_ran_out_goes_when_the_next_one_signs_in(prison: Database) -> None:
    who = an_account(prison)
    signs_in(prison, who)
    later = NOON + 13 * HOUR
    prison.do(lambda session: sessions_store.begin(session, who, BrowserSession("later"), RULES, later))

    assert prison.do(lambda session: session.scalar(select(func.count()).select_from(SignIn))) == 1


@pytest.mark.parametrize("ends", [True, False])
def test_to_end_or_to_reset_an_account_leaves_nothing_that_opens_it(prison: Database, *, ends: bool) -> None:
    who = an_account(prison)
    signs_in(prison, who)
    with prison.transaction() as session:
        add(session, who.account, NewKey("credential", "key", 0), NOON)
        row = session.get_one(Account, who.account)
        row.password, row.totp, row.totp_used = "hash", "sealed", 7
    code = None if ends else prison.do(lambda session: reset(session, PRISON, "sam", ROOT))
    if ends:
        prison.do(lambda session: end(session, PRISON, "sam", ROOT))

    with prison.transaction() as session:
        left = {table: session.scalar(select(func.count()).select_from(table)) for table in (SignIn, Passkey)}
        known = known_as(session, PRISON, "sam")
        assert left == {SignIn: 0, Passkey: 0}
        assert session.scalar(select(func.count()).select_from(Invitation)) == (0 if ends else 1)
        assert (known.totp, known.has_passkey) == (None, False)
        assert code is None or invited(session, PRISON, code, NOON) is not None


def test_one_credential_is_of_one_account(prison: Database) -> None:
    sam, ann = an_account(prison), an_account(prison, "ann")
    prison.do(lambda session: add(session, sam.account, NewKey("credential", "key", 0), NOON))

    with pytest.raises(NotAccepted):
        prison.do(lambda session: add(session, ann.account, NewKey("credential", "key", 0), NOON))
