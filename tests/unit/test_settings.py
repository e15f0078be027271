"""What an installation knows of itself: its secrets, and what a site says of keeping apart."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from models.errors import BadSite
from wingline.settings import SECRETS, read_secrets
from wingline.site import read_site

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


def a_site_file(folder: Path, keep_apart: str) -> Path:
    file = folder / "site.toml"
    file.write_text(EXAMPLE.read_text().split("[keep_apart]")[0] + keep_apart)
    return file


def test_secrets_are_made_once_and_are_ours_alone(tmp_path: Path) -> None:
    made = read_secrets(tmp_path / "site")

    assert set(made) == set(SECRETS)
    assert len(set(made.values())) == len(SECRETS)
    assert read_secrets(tmp_path / "site") == made
    assert (tmp_path / "site/secrets.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_secret_that_a_new_release_wants_is_added_and_the_others_stay(tmp_path: Path, end: str) -> None:
    (tmp_path / "secrets.toml").write_text(f'ami = "a"\nconsole = "b"\ntrunk = "c"{end}')
    known = read_secrets(tmp_path)

    assert (known["ami"], known["console"], known["trunk"]) == ("a", "b", "c")
    assert len(known["apart"]) == 32
    assert read_secrets(tmp_path) == known


def test_programs_that_start_at_once_see_the_same_secrets(tmp_path: Path) -> None:
    together = Barrier(8)

    def starts(folder: Path) -> dict[str, str]:
        together.wait(timeout=10)
        return read_secrets(folder)

    for number in range(50):
        with ThreadPoolExecutor(8) as threads:
            seen = list(threads.map(starts, [tmp_path / str(number)] * 8))
        assert all(one == seen[0] for one in seen)


def test_a_site_says_whether_the_same_wing_is_kept_apart(tmp_path: Path) -> None:
    part = read_site(a_site_file(tmp_path, "[keep_apart]\nsame_wing_too = true\n")).keep_apart

    assert part is not None
    assert part.same_wing_too


def test_a_site_may_say_nothing_of_keeping_apart(tmp_path: Path) -> None:
    assert read_site(a_site_file(tmp_path, "")).keep_apart is None


def test_the_part_on_keeping_apart_has_no_default(tmp_path: Path) -> None:
    with pytest.raises(BadSite, match=r"keep_apart\.same_wing_too"):
        read_site(a_site_file(tmp_path, "[keep_apart]\n"))
