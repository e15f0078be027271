"""Counts of rules: all that is kept of prompts."""

from datetime import UTC, datetime, timedelta
from functools import partial

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from builders import NOON, SITE, a_small_prison
from races import at_once
from sqlalchemy import select

from ivr.store import count_rule
from models import tables
from models.database import Database
from models.words import Counted, SiteId

RULE = "harm.self"


def counted(database: Database, what: Counted, rule: str = RULE, now: datetime = NOON) -> None:
    database.do(partial(count_rule, site=SiteId(SITE), rule=rule, what=what, now=now))


def counts(database: Database) -> list[tuple[str, str, int, int, int]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.RuleCount).order_by(tables.RuleCount.month, tables.RuleCount.rule))
        return [(row.month, row.rule, row.prompted, row.right, row.wrong) for row in rows]


def a_prison_in(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")


def test_prompts_and_verdicts_are_counted_for_each_rule(database: Database) -> None:
    a_prison_in(database)
    for what in (Counted.PROMPTED, Counted.PROMPTED, Counted.RIGHT, Counted.WRONG, Counted.PROMPTED):
        counted(database, what)
    counted(database, Counted.PROMPTED, "meaning.attempt")

    assert counts(database) == [("2026-03", RULE, 3, 1, 1), ("2026-03", "meaning.attempt", 1, 0, 0)]


def test_a_month_is_the_sites_own(database: Database) -> None:
    a_prison_in(database)
    # Already May in Europe/London, where the clocks are ahead.
    for moment in (NOON, datetime(2026, 4, 30, 22, 59, tzinfo=UTC), datetime(2026, 4, 30, 23, 0, tzinfo=UTC)):
        counted(database, Counted.PROMPTED, now=moment)

    assert [row[0] for row in counts(database)] == ["2026-03", "2026-04", "2026-05"]


def test_the_first_prompts_of_a_month_may_come_at_once(database: Database) -> None:
    a_prison_in(database)

    one_more = partial(count_rule, site=SiteId(SITE), rule=RULE, what=Counted.PROMPTED, now=NOON + timedelta(days=40))
    at_once(database, [one_more] * 4)

    assert counts(database) == [("2026-04", RULE, 4, 0, 0)]


def test_what_was_counted_before_months_were_stays(empty_url: str) -> None:
    database = Database(empty_url)
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.execute(
            sa.text("INSERT INTO sites VALUES ('site-demo', 'HMP Demo', 'Europe/London', '100', 'en', 'uk')")
        )
        connection.execute(sa.text("INSERT INTO rule_counts VALUES ('site-demo', 'harm.self', 7, 2, 1)"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")

    assert counts(database) == [("0000-00", RULE, 7, 2, 1)]
    database.close()
