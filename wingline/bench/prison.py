"""The bench's prison: as many cells and Listeners as the load needs, everybody on duty, and nobody who has to rest."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from models.words import SiteId

SITE, ZONE = SiteId("bench"), "Europe/London"
LETTERS = ("A", "B", "C", "D")
# The first language page and the notice are ours; nobody is asked whether the machine may listen.
NOT_HEARD, ASKED = "off", "ask"


def listener(number: int) -> str:
    return f"Bird {number}"


def callers_cell(number: int) -> str:
    return f"{LETTERS[number % len(LETTERS)]}-1-{number:04}"


def listeners_cell(number: int) -> str:
    return f"{LETTERS[number % len(LETTERS)]}-2-{number:04}"


def profile_toml() -> str:
    """The shipped profile without rests or bounds on talking, so that the same Listeners can be rung again at once."""
    text = (files("profiles") / "uk-listener-adult.toml").read_text("utf-8")
    text = re.sub(r"(?m)^(rest_\w+) = [\d.]+", r"\1 = 0", text)
    for name, most in (("night", 720), ("day", 1440), ("week", 10080)):
        text = re.sub(rf"(?m)^talk_minutes_{name} = \d+", f"talk_minutes_{name} = {most}", text)
    return text


def site_toml(now: datetime, *, callers: int, listeners: int, profile: str, hearing: str) -> str:
    parts = (_head(profile, hearing), *_wings(callers, listeners), *_listeners(now, listeners), "")
    return "\n".join(parts)


def _head(profile: str, hearing: str) -> str:
    return f"""posts = ["control_room", "healthcare", "orderly_officer", "duty_office", "safeguarding", "scheme_leader"]

[site]
id = "{SITE}"
name = "HMP Bench"
zone = "{ZONE}"
language = "en"
profile = "{profile}"

[choices]
attempt_in_progress_refusing = "tell_then_disclose"
threat_to_another = "off"
who_confirms = "listener"
hearing = {{ mode = "{hearing}" }}

[trunk]
number = "116123"
"""


def _wings(callers: int, listeners: int) -> Iterator[str]:
    for letter in LETTERS:
        cells = [callers_cell(one) for one in range(callers)] + [listeners_cell(one) for one in range(listeners)]
        mine = [cell for cell in cells if cell.startswith(letter)]
        yield f'[[wings]]\nletter = "{letter}"\nname = "Wing {letter}"\ncells = {mine or [f"{letter}-3-0000"]}\n'


def _listeners(now: datetime, count: int) -> Iterator[str]:
    since, until = (now - timedelta(days=200)).date(), (now + timedelta(days=500)).date()
    begins = now.astimezone(ZoneInfo(ZONE)) - timedelta(hours=1)
    ends = begins + timedelta(hours=12)
    for number in range(count):
        yield f"""[[listeners]]
code_name = "{listener(number)}"
cell = "{listeners_cell(number)}"
languages = ["en"]
certified_from = {since}
certified_until = {until}

[[shifts]]
listener = "{listener(number)}"
cover = "first"
on = {begins.date()}
starts = {begins:%H:%M:%S}
ends = {ends:%H:%M:%S}
"""
