"""Tokens of other systems, as the database keeps them."""

from datetime import timedelta

import pytest
from builders import NOON, SITE, a_site
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.api_tokens import Bearer, Scope, bearer_of, end_token, make_token, tokens_of
from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import SiteId
from rota.site_rota import By

PRISON, OTHER = SiteId(SITE), SiteId("site-other")
ANN = By("ann", NOON)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def prison(database: Database) -> Database:
    with database.transaction() as session:
        session.add_all([a_site(), a_site(id=OTHER)])
    return database


def made(session: Session, name: str = "records", scope: Scope = Scope.MOVEMENTS, site: SiteId = PRISON) -> str:
    return make_token(session, site, name, scope, ANN)


def test_who_brings_a_token_is_known_at_its_site_and_nowhere_else(prison: Database) -> None:
    with prison.transaction() as session:
        secret = made(session, scope=Scope.KEEP_APART)

        assert bearer_of(session, PRISON, secret, NOON) == Bearer("records", Scope.KEEP_APART)
        assert bearer_of(session, OTHER, secret, NOON) is None
        assert bearer_of(session, PRISON, secret + "x", NOON) is None
        assert bearer_of(session, PRISON, "", NOON) is None


def test_only_a_hash_is_kept_and_when_it_has_ended_not_even_that(prison: Database) -> None:
    with prison.transaction() as session:
        secret = made(session)
        row = session.scalars(select(tables.Token)).one()
        kept = row.hash
        end_token(session, PRISON, "records", By("ben", NOON + MINUTE))
        session.flush()

        assert kept is not None
        assert secret.removeprefix("wingline_") not in kept
        assert row.hash is None
        assert bearer_of(session, PRISON, secret, NOON) is None


def test_one_name_has_one_token_until_it_has_ended(prison: Database) -> None:
    with prison.transaction() as session:
        made(session)
        made(session, site=OTHER)
        with pytest.raises(NotAllowed, match="wingline tokens end records"):
            made(session, scope=Scope.KEEP_APART)
        end_token(session, PRISON, "records", ANN)
        made(session, scope=Scope.KEEP_APART)

        assert [(one.scope, one.ended_at) for one in tokens_of(session, PRISON)].count((Scope.KEEP_APART, None)) == 1
        assert len(tokens_of(session, PRISON)) == 2


@pytest.mark.parametrize("name", ["", "Records", "-records", "re cords", "x" * 41, "рекорды", "records\n"])
def test_a_name_is_of_a_fixed_form(prison: Database, name: str) -> None:
    with prison.transaction() as session, pytest.raises(NotAllowed, match="small letters, digits and hyphens"):
        made(session, name)


def test_what_is_not_there_cannot_be_ended_or_made(prison: Database) -> None:
    with prison.transaction() as session:
        made(session)
        with pytest.raises(UnknownName):
            end_token(session, OTHER, "records", ANN)
        end_token(session, PRISON, "records", ANN)
        with pytest.raises(UnknownName):
            end_token(session, PRISON, "records", ANN)
        with pytest.raises(NotAllowed, match="site apply"):
            made(session, site=SiteId("site-none"))


def test_when_it_was_used_last_is_kept_to_the_minute(prison: Database) -> None:
    with prison.transaction() as session:
        secret = made(session)
        used = []
        for at in (NOON, NOON + MINUTE / 2, NOON + MINUTE):
            bearer_of(session, PRISON, secret, at)
            session.flush()
            used.append(tokens_of(session, PRISON)[0].last_used_at)

        assert used == [NOON, NOON, NOON + MINUTE]


def test_who_made_and_ended_it_is_in_the_audit(prison: Database) -> None:
    with prison.transaction() as session:
        made(session)
        end_token(session, PRISON, "records", By("ben", NOON + MINUTE))
    with prison.transaction() as session:
        token = session.scalars(select(tables.Token.id)).one()
        acts = session.execute(select(tables.Act.who, tables.Act.what, tables.Act.about).order_by(tables.Act.id)).all()

        assert [tuple(act) for act in acts] == [("ann", "token_made", token), ("ben", "token_ended", token)]
