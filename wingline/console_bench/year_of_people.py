"""What a year leaves of forty Listeners: steps, trainings, movements, leave, wishes, keep-apart rules."""

from datetime import timedelta
from hashlib import sha256

from listeners.journey import Module
from models import tables
from models.words import (
    AbsenceKind,
    MovementKind,
    Restriction,
    Standing,
    StandingReason,
    WishKind,
)
from wingline.console_bench.ground import Ground, Row, Rows

MOVEMENTS = 220
_WAY = (
    (None, Standing.APPLIED, StandingReason.APPLIED),
    (Standing.APPLIED, Standing.CLEARED, StandingReason.SECURITY_CLEARED),
    (Standing.CLEARED, Standing.TRAINING, StandingReason.TRAINING_BEGUN),
    (Standing.TRAINING, Standing.SHADOWING, StandingReason.TRAINING_DONE),
    (Standing.SHADOWING, Standing.CERTIFIED, StandingReason.ACCREDITED),
)


def people_rows(ground: Ground) -> Rows:
    return {
        tables.StandingChange: _standings(ground),
        tables.Training: _trainings(ground),
        tables.Movement: _movements(ground),
        tables.KeepApart: _kept_apart(ground),
        tables.Absence: _absences(ground),
        tables.Wish: _wishes(ground),
    }


def _standings(ground: Ground) -> list[Row]:
    return [
        {
            "listener_id": listener, "at": ground.now - timedelta(days=420 - 10 * step), "who": "coordinator",
            "why": why.value, "was": was.value if was else None, "became": became.value,
        }
        for listener in ground.listeners
        for step, (was, became, why) in enumerate(_WAY)
    ]  # fmt: skip


def _trainings(ground: Ground) -> list[Row]:
    return [
        {
            "listener_id": listener, "module": module.value, "done_at": ground.now - timedelta(days=390),
            "valid_until": ground.now + timedelta(days=30 + place) if module is Module.REFRESHER else None,
        }
        for place, listener in enumerate(ground.listeners)
        for module in Module
        if module is not Module.REACCREDITATION
    ]  # fmt: skip


def _movements(ground: Ground) -> list[Row]:
    """All are over but the last two, which are still to come."""
    rows = []
    for number in range(MOVEMENTS):
        since = ground.now - timedelta(days=365 * number / (MOVEMENTS - 4)) + timedelta(days=3)
        kind = ground.random.choice((MovementKind.COURT, MovementKind.HOSPITAL))
        rows.append({
            "id": f"move-{number}", "listener_id": ground.random.choice(ground.listeners), "kind": kind.value,
            "cell_id": None, "since": since, "until": since + timedelta(hours=9), "source": "csv",
            "recorded_at": since - timedelta(days=1),
        })  # fmt: skip
    return rows


def _kept_apart(ground: Ground) -> list[Row]:
    return [
        {
            "id": f"apart-{number}", "listener_id": listener, "other_listener_id": None,
            "cell_id": ground.random.choice(ground.cells), "restriction": Restriction.CELL.value,
            "other": sha256(str(number).encode()).hexdigest(),
        }
        for number, listener in enumerate(ground.listeners)
    ]  # fmt: skip


def _absences(ground: Ground) -> list[Row]:
    rows = []
    for number in range(5 * len(ground.listeners)):
        starts = ground.now + timedelta(days=ground.random.randrange(-340, 40))
        rows.append({
            "id": f"leave-{number}", "listener_id": ground.listeners[number % len(ground.listeners)],
            "kind": AbsenceKind.LEAVE.value, "starts_at": starts, "ends_at": starts + timedelta(days=2),
        })  # fmt: skip
    return rows


def _wishes(ground: Ground) -> list[Row]:
    return [
        {
            "id": f"wish-{number}", "listener_id": ground.listeners[number % len(ground.listeners)],
            "kind": WishKind.RATHER_NOT.value, "weekday": number % 7, "starts": "22:00", "ends": "06:00",
        }
        for number in range(2 * len(ground.listeners))
    ]  # fmt: skip
