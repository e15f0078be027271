"""How long each keeping of a column is (columns.py), in a time that a clock can measure (domain.md 6, layer 7)."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Table

from models.tables import AS_A_COUNT, DAYS_90, SERVING, WHILE_IN_USE, YEARS_2

# What is not here is kept while it is in use, or stays as a count.
PERIODS: Mapping[str, timedelta] = {
    DAYS_90: timedelta(days=90),
    SERVING: timedelta(days=365),
    YEARS_2: timedelta(days=730),
}
# Its row outlives what else is in it.
STAYS = frozenset({AS_A_COUNT, WHILE_IN_USE})


def keepings(table: Table) -> frozenset[str]:
    return frozenset(column.info["kept"] for column in table.columns)


def longest(table: Table) -> str | None:
    """The keeping with which a whole row goes; none when rows stay and only some of their columns are emptied."""
    found = keepings(table)
    return None if found & STAYS else max(found, key=PERIODS.__getitem__)
