"""The demonstration prison: one site, three wings, forty cells, twelve Listeners, a rota that covers now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = "Europe/London"
LISTENERS = (
    "Kestrel", "Heron", "Wren", "Linnet", "Plover", "Dipper", "Siskin", "Curlew", "Merlin", "Swift", "Robin", "Teal",
)  # fmt: skip
WINGS = {"A": ("Alpha", "B", 14), "B": ("Bravo", "C", 14), "C": ("Charlie", "A", 12)}
POSTS = ("control_room", "healthcare", "orderly_officer", "duty_office", "safeguarding", "scheme_leader")
CELLS_ON_A_LANDING = 7
# Four Listeners are on duty at any time, two of them first and two behind.
ON_DUTY = 4


def cells_of(letter: str) -> list[str]:
    _, _, count = WINGS[letter]
    return [f"{letter}-{1 + number // CELLS_ON_A_LANDING}-{1 + number:03}" for number in range(count)]


def cell_of(listener: str) -> str:
    """Listeners live on all wings, in the first four cells of each."""
    place = LISTENERS.index(listener)
    return cells_of("ABC"[place % 3])[place // 3]


def on_duty_now() -> tuple[str, ...]:
    """First cover and then backup, whatever the time is."""
    return LISTENERS[:ON_DUTY]


def site_toml(now: datetime, *, profile: str = "uk-listener-adult", everybody: bool = False) -> str:
    """The site file. ``everybody`` puts all twelve on duty."""
    return "\n".join((*_head(profile), *_wings(), *_listeners(now), *_shifts(now, everybody=everybody), ""))


def _head(profile: str) -> Iterator[str]:
    yield f"""# Made by the demonstration. The choices are an example: governor and scheme partner must make their own.
posts = {list(POSTS)}

[site]
id = "demo"
name = "HMP Demonstration"
zone = "{ZONE}"
language = "en"
profile = "{profile}"

[choices]
attempt_in_progress_refusing = "tell_then_disclose"
threat_to_another = "off"
who_confirms = "listener"
hearing = {{ mode = "ask" }}

[trunk]
number = "116123"
"""


def _wings() -> Iterator[str]:
    for letter, (name, backup, _) in WINGS.items():
        yield f'[[wings]]\nletter = "{letter}"\nname = "{name}"\nbackup = "{backup}"\ncells = {cells_of(letter)}\n'


def _listeners(now: datetime) -> Iterator[str]:
    since, until = (now - timedelta(days=200)).date(), (now + timedelta(days=500)).date()
    for place, listener in enumerate(LISTENERS):
        languages = ["en", "cy"] if place % 2 else ["en"]
        yield f"""[[listeners]]
code_name = "{listener}"
cell = "{cell_of(listener)}"
languages = {languages}
certified_from = {since}
certified_until = {until}
experienced = {str(place % 3 == 0).lower()}
"""


def _shifts(now: datetime, *, everybody: bool) -> Iterator[str]:
    """Twelve hours from an hour ago for those on duty now, and three shifts of eight hours behind them."""
    local = now.astimezone(ZoneInfo(ZONE))
    began = local - timedelta(hours=1)
    on = LISTENERS if everybody else on_duty_now()
    for place, listener in enumerate(on):
        yield _shift(listener, "first" if place < len(on) // 2 else "backup", began, timedelta(hours=12))
    for number in range(3):
        following = LISTENERS[ON_DUTY + 2 * number : ON_DUTY + 2 * number + 2] if not everybody else ()
        for listener in following:
            yield _shift(listener, "first", began + timedelta(hours=11 + 8 * number), timedelta(hours=9))


def _shift(listener: str, cover: str, starts: datetime, length: timedelta) -> str:
    ends = starts + length
    return f"""[[shifts]]
listener = "{listener}"
cover = "{cover}"
on = {starts.date()}
starts = {starts:%H:%M:%S}
ends = {ends:%H:%M:%S}
"""
