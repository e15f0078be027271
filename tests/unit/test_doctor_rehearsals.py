"""What the doctor says of drills and of the nightly call to itself."""

import tomllib
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON

from escalation.drill_report import Asked, DrillReport
from escalation.drill_report import Finding as Found
from escalation.drills import DrillId, Kind
from escalation.nightly import Link, Nightly, NightlyId
from wingline.demo.prison import site_toml
from wingline.doctor.finding import Grade
from wingline.doctor.rehearsals import drills, nightly
from wingline.site import SiteFile

PLANNED = "[drills]\nday = 3\nat = 14:30:00"
OFF = '[drills]\nday = "off"'
AT_NIGHT = "[nightly]\nat = 03:10:00"
WENT_WELL = DrillReport(asked=Asked(DrillId("drill-1"), Kind.PLANNED, NOON, "plan"), began_at=NOON)
LAST_NIGHT = Nightly(NightlyId("nightly-1"), Kind.PLANNED, NOON - timedelta(hours=9), NOON, None)


def site(part: str = "") -> SiteFile:
    return SiteFile.model_validate(tomllib.loads(f"{site_toml(NOON)}\n{part}\n"))


@pytest.mark.parametrize(
    ("part", "last", "grade"),
    [
        ("", None, Grade.WARNING),
        (OFF, None, Grade.OK),
        (PLANNED, None, Grade.OK),
        (PLANNED, WENT_WELL, Grade.OK),
        (PLANNED, replace(WENT_WELL, findings=(Found.STILL_OPEN,)), Grade.WARNING),
    ],
)
def test_a_site_without_a_plan_or_with_a_drill_that_found_something_is_told(
    part: str, last: DrillReport | None, grade: Grade
) -> None:
    assert drills(site(part), last).grade is grade


@pytest.mark.parametrize(
    ("part", "last", "grade"),
    [
        ("", None, Grade.WARNING),
        (AT_NIGHT, None, Grade.WARNING),
        (AT_NIGHT, LAST_NIGHT, Grade.OK),
        (AT_NIGHT, replace(LAST_NIGHT, broken=Link.HEARD), Grade.FAILED),
        (AT_NIGHT, replace(LAST_NIGHT, began_at=NOON - timedelta(days=3)), Grade.WARNING),
    ],
)
def test_a_night_that_broke_fails_and_one_that_is_missing_is_told(
    part: str, last: Nightly | None, grade: Grade
) -> None:
    assert nightly(site(part), last, NOON, phones=True).grade is grade


def test_a_machine_without_a_program_for_phones_cannot_call_itself() -> None:
    found = nightly(site(AT_NIGHT), LAST_NIGHT, NOON, phones=False)

    assert (found.grade, "setup line people" in found.do) == (Grade.FAILED, True)
