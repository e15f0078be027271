"""The prison that the console is measured with: four wings, 240 cells, forty Listeners, made by its own site file."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from console.accounts import add_account
from models.words import AccountRole
from wingline.settings import Settings, read_secrets, read_settings
from wingline.site import SiteFile, read_site
from wingline.site_rows import apply_site

WINGS = "ABCD"
CELLS, ON_A_LANDING = 60, 20
BIRDS = ("Kestrel", "Heron", "Wren", "Linnet", "Plover", "Dipper", "Siskin", "Curlew", "Merlin", "Swift")
LISTENERS = tuple(f"{bird} {number}" for number in range(1, 5) for bird in BIRDS)
# When each begins and ends: the same three of eight hours on every day, with two first and two behind.
PATTERNS: Mapping[str, tuple[int, int]] = {"early": (6, 14), "late": (14, 22), "night": (22, 6)}
FIRST, BACKUP = 2, 2


def a_prison(folder: Path, database_url: str, today: date) -> tuple[Settings, SiteFile, str]:
    """Its settings, its file, and what its console signs with."""
    settings = read_settings(data=folder, database=database_url)
    settings.site_file.write_text("\n".join(_written(today)), "utf-8")
    return settings, read_site(settings.site_file), read_secrets(folder)["console"]


def rows_of(session: Session, site: SiteFile) -> None:
    """What ``wingline site apply`` makes, and an account of each role, which nobody signs in to by a password."""
    apply_site(session, site)
    session.flush()
    for role in AccountRole:
        add_account(session, site.id, name=role.value, password=None, role=role)


def _written(today: date) -> Iterator[str]:
    yield """posts = ["control_room", "healthcare", "orderly_officer", "duty_office", "safeguarding", "scheme_leader"]
[site]
id = "bench"
name = "HMP Bench"
zone = "Europe/London"
language = "en"
profile = "uk-listener-adult"
[choices]
attempt_in_progress_refusing = "tell_then_disclose"
threat_to_another = "off"
who_confirms = "listener"
hearing = { mode = "ask" }
[trunk]
number = "116123"
[rota]
nights_in_a_row = 3
weekly_minutes = 2400
new_days = 60
swaps_approved_by = "coordinator"
"""
    for place, letter in enumerate(WINGS):
        yield f"""[[wings]]
letter = "{letter}"
name = "Wing {letter}"
backup = "{WINGS[(place + 1) % len(WINGS)]}"
cells = {cells_of(letter)}
"""
    for place, name in enumerate(LISTENERS):
        yield f"""[[listeners]]
code_name = "{name}"
cell = "{cells_of(WINGS[place % 4])[place // 4]}"
languages = {["en", "cy"] if place % 3 == 0 else ["en"]}
certified_from = {today - timedelta(days=400 - 4 * place)}
certified_until = {today + timedelta(days=20 + 9 * place)}
experienced = {str(place % 3 == 0).lower()}
"""
    for name, (starts, ends) in PATTERNS.items():
        yield f"""[[patterns]]
name = "{name}"
starts = {starts:02}:00:00
ends = {ends:02}:00:00
first = {FIRST}
backup = {BACKUP}
experienced = 1
"""


def cells_of(letter: str) -> list[str]:
    return [f"{letter}-{1 + number // ON_A_LANDING}-{1 + number:03}" for number in range(CELLS)]
