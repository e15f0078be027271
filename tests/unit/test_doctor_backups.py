"""What the doctor says of backups."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from builders import NOON
from pydantic import ValidationError

from wingline.demo.prison import site_toml
from wingline.doctor.backups import judged, left
from wingline.doctor.finding import Grade
from wingline.site import SiteFile

KEY = str(pyrage.x25519.Identity.generate().to_public())


def site(part: str = f'[backups]\nrecipients = ["{KEY}"]\nwarn_after_hours = 26') -> SiteFile:
    return SiteFile.model_validate(tomllib.loads(f"{site_toml(NOON)}\n{part}\n"))


@pytest.mark.parametrize(
    ("last", "grade", "says"),
    [
        (None, Grade.WARNING, "there has been none"),
        (NOON - timedelta(hours=26), Grade.OK, "26 hours old"),
        (NOON - timedelta(hours=26, seconds=1), Grade.WARNING, "26 hours old"),
    ],
)
def test_a_backup_is_old_when_the_site_says_so(last: datetime | None, grade: Grade, says: str) -> None:
    found = judged(site(), last, NOON)

    assert found.grade is grade
    assert says in found.says


def test_nobody_to_open_it_no_program_and_what_is_left_aside_are_said() -> None:
    assert judged(site(""), None, NOON).grade is Grade.WARNING
    assert "postgresql-client" in judged(site(), NOON, NOON, tool="pg_dump").do
    assert "delete it" in left(str(Path("site-replaced-x"))).do


@pytest.mark.parametrize(
    "part",
    [
        "[backups]\nrecipients = []\nwarn_after_hours = 26",
        '[backups]\nrecipients = ["age1wrong"]\nwarn_after_hours = 26',
        f'[backups]\nrecipients = ["{KEY}"]',
        "[backups]\nwarn_after_hours = 26",
    ],
    ids=[
        "nobody",
        "not-a-key",
        "no-age",
        "no-recipients",
    ],  # a name with a new key in it is another test in each worker
)
def test_recipients_and_the_age_have_no_default(part: str) -> None:
    with pytest.raises(ValidationError):
        site(part)
