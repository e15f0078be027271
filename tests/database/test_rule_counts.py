"""Counts of rules: all that is kept of prompts."""

from functools import partial

from builders import a_small_prison
from sqlalchemy import select

from ivr.store import count_rule
from models import tables
from models.database import Database
from models.words import Counted, SiteId


def test_prompts_and_verdicts_are_counted_for_each_rule(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        site = SiteId(session.scalars(select(tables.Site.id)).one())
    for what in (Counted.PROMPTED, Counted.PROMPTED, Counted.RIGHT, Counted.WRONG, Counted.PROMPTED):
        database.do(partial(count_rule, site=site, rule="harm.self", what=what))
    database.do(partial(count_rule, site=site, rule="meaning.attempt", what=Counted.PROMPTED))

    with database.transaction() as session:
        rows = session.scalars(select(tables.RuleCount).order_by(tables.RuleCount.rule)).all()
        counts = [(row.rule, row.prompted, row.right, row.wrong) for row in rows]
    assert counts == [("harm.self", 3, 1, 1), ("meaning.attempt", 1, 0, 0)]
