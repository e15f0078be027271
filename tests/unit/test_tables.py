"""What the database may hold, and for how long."""

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, String

from models import tables
from models.tables import Base, UtcDateTime

HOLDS = {tables.SITE, tables.LISTENER, tables.COUNT, tables.DISCLOSED, tables.SECRET, tables.STAFF}
KEPT = {tables.WHILE_IN_USE, tables.SERVING, tables.DAYS_90, tables.AS_A_COUNT, tables.YEARS_2}
COLUMNS = [column for table in Base.metadata.sorted_tables for column in table.columns]
# Lists of languages and tags, the protocol of an escalation as it was raised, a profile as it was checked: written by
# Wingline, never typed.
STRUCTURED = {
    "listeners.languages",
    "listeners.tags",
    "escalations.protocol",
    "escalations.acknowledged_posts",
    "profile_versions.content",
}
# A key of a public kind: made by a browser, checked by us before it is kept.
LONG = {"passkeys.public_key": 800}
# What can say where somebody lives or which phone is theirs.
WHERE_SOMEBODY_IS = {"cells", "phones", "wings"}

every_column = pytest.mark.parametrize("column", COLUMNS, ids=str)


@every_column
def test_a_column_says_what_it_holds_and_how_long_it_is_kept(column: Column[object]) -> None:
    assert column.info["holds"] in HOLDS
    assert column.info["kept"] in KEPT


@every_column
def test_no_column_can_hold_free_text(column: Column[object]) -> None:
    if isinstance(column.type, String):
        assert type(column.type) is String
        # A hash of a password is long; everything else is a name, a word of ours or an id.
        assert column.type.length is not None
        assert column.type.length <= LONG.get(str(column), 200 if column.info["holds"] == tables.SECRET else 80)
    elif isinstance(column.type, JSON):
        assert str(column) in STRUCTURED
    else:
        assert isinstance(column.type, Boolean | Integer | UtcDateTime)


def test_a_calls_row_has_no_place_for_a_caller() -> None:
    assert set(Base.metadata.tables["calls"].columns.keys()) == {
        "id",
        "site_id",
        # A machine of the line, which any cell's phone may reach.
        "node_id",
        "stage",
        "language",
        "listening",
        "began_at",
        "waiting_since",
        "first_waiting_at",
        "outside_at",
        "duty_office_at",
        "ended_at",
    }


def test_only_an_escalation_joins_a_call_to_a_place() -> None:
    refers = {
        table.name: {key.column.table.name for key in table.foreign_keys} for table in Base.metadata.sorted_tables
    }

    assert {name for name, others in refers.items() if "calls" in others and others & WHERE_SOMEBODY_IS} == {
        "escalations"
    }


def test_of_a_call_only_kind_and_times_of_an_escalation_are_kept_longer_than_90_days() -> None:
    of_calls = [column for column in COLUMNS if column.info["holds"] in {tables.COUNT, tables.DISCLOSED}]
    longer = {str(column) for column in of_calls if column.info["kept"] != tables.DAYS_90}

    assert longer == {
        f"escalations.{name}"
        for name in (
            "id", "site_id", "cause", "danger", "step", "round", "raised_at", "due_at", "acknowledged_at", "closed_at",
            "outcome", "profile", "deciding", "step_ends_at", "at_door_at", "spoken_at",
        )
    }  # fmt: skip
