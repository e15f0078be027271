"""What a year leaves of staff and machinery: escalations and who was told, drills, nights, messages, and the audit."""

from datetime import datetime, timedelta
from typing import Any

from escalation.messages import News
from escalation.profile import PROTOCOL, Profile
from models import tables
from models.audit import BEGINNING, Deed, next_entry
from models.dangers import Danger
from models.words import Cause, Outcome, Post, TellingEnd
from wingline.console_bench.ground import Ground, Row, Rows

ESCALATIONS, OPEN = 180, 3
ACTS_A_DAY = 40
_DEEDS = ("signed_in", "signed_out", "movements_recorded", "location opened", "acknowledged", "rota published")


def staff_rows(ground: Ground, profile: Profile) -> Rows:
    escalations: list[Row] = []
    tellings: list[Row] = []
    messages: list[Row] = []
    for number in range(ESCALATIONS):
        raised = ground.now - timedelta(minutes=4 * number if number < OPEN else 2900 * number)
        one = _escalation(ground, profile, number, raised)
        escalations.append(one)
        tellings += _tellings(ground, one)
        messages += _messages(one)
    return {
        tables.Escalation: escalations,
        tables.Telling: tellings,
        tables.Message: messages,
        tables.NightlyCall: _nights(ground),
        tables.Drill: _drills(ground),
        tables.RuleCount: _rule_counts(ground),
        tables.Act: _acts(ground),
        tables.Node: [{"id": "line", "seen_at": ground.now}],
    }


def _escalation(ground: Ground, profile: Profile, number: int, raised: datetime) -> Row:
    """The newest are open: one that nobody has acknowledged, and two to which somebody goes."""
    drill = number >= OPEN and number % 15 == 0
    cause = Cause.DRILL if drill else (Cause.DANGER_NOW, Cause.CALLER_ASKED)[number % 2]
    taken = raised + timedelta(seconds=40) if number else None
    over = raised + timedelta(minutes=30) if number >= OPEN else None
    protocol: dict[str, Any] = PROTOCOL.dump_python(profile.protocol_for(cause), mode="json")
    return {
        "id": f"esc-{number}", "site_id": ground.site, "call_id": None, "cause": cause.value, "protocol": protocol,
        "danger": Danger.SUICIDE_INTENT.value if cause is Cause.DANGER_NOW else None,
        "cell_id": None if drill else ground.random.choice(ground.cells), "step": 0, "round": 0,
        "profile": f"{profile.name} {profile.number}", "prison_number": None, "preferred_name": None,
        "condition": None, "deciding": False, "raised_at": raised,
        # Nothing of it is due while the console is measured: no line runs that would ring.
        "step_ends_at": None if over else raised + timedelta(hours=2),
        "due_at": None if over else raised + timedelta(hours=2),
        "acknowledged_at": taken, "acknowledged_by": "staff" if taken else None,
        "acknowledged_posts": [Post.HEALTHCARE.value] if taken else [],
        "at_door_at": over and raised + timedelta(minutes=3), "at_door_by": over and "staff",
        "spoken_at": over and raised + timedelta(minutes=9), "spoken_by": over and "staff",
        "closed_at": over, "closed_by": over and "staff", "outcome": over and Outcome.SAFE_NOW.value,
    }  # fmt: skip


def _tellings(ground: Ground, one: Row) -> list[Row]:
    posts = (Post.HEALTHCARE, Post.ORDERLY_OFFICER, Post.CONTROL_ROOM)
    ends = (TellingEnd.ACKNOWLEDGED, TellingEnd.NO_ANSWER, TellingEnd.NOT_NEEDED)
    rang = one["raised_at"] + timedelta(seconds=1)
    return [
        {
            "id": f"tell-{ground.serial()}", "escalation_id": one["id"], "phone_id": ground.phones[post],
            "node_id": "line", "post": post.value, "step": 0, "round": 0, "rang_at": rang,
            "ended_at": rang + timedelta(seconds=30), "end": end.value,
        }
        for post, end in zip(posts, ends, strict=True)
    ]  # fmt: skip


def _messages(one: Row) -> list[Row]:
    return [
        {
            "id": f"msg-{one['id']}-{news}", "escalation_id": one["id"], "contact": "ward-mail", "way": "email",
            "what": news.value, "step": 0, "round": 0, "made_at": one["raised_at"], "due_at": None, "tries": 1,
            "sent_at": one["raised_at"] + timedelta(seconds=2), "given_up_at": None, "last_error": None,
        }
        for news in (News.TOLD, News.ACKNOWLEDGED)
    ]  # fmt: skip


def _nights(ground: Ground) -> list[Row]:
    return [
        {
            "id": f"nightly-{ago}", "site_id": ground.site, "kind": "planned",
            "began_at": ground.now - timedelta(days=ago, hours=3),
            "ended_at": ground.now - timedelta(days=ago, hours=2, minutes=59), "broken": None, "escalation_id": None,
        }
        for ago in range(ground.days)
    ]  # fmt: skip


def _drills(ground: Ground) -> list[Row]:
    return [
        {
            "id": f"drill-{number}", "site_id": ground.site, "kind": "planned", "asked_by": "plan",
            "asked_at": ground.now - timedelta(minutes=2900 * number, seconds=5), "escalation_id": f"esc-{number}",
        }
        for number in range(15, ESCALATIONS, 15)
    ]  # fmt: skip


def _rule_counts(ground: Ground) -> list[Row]:
    months = sorted({f"{ground.now - timedelta(days=ago):%Y-%m}" for ago in range(365)})
    return [
        {
            "site_id": ground.site, "month": month, "rule": f"rule-{rule}", "prompted": ground.random.randrange(5, 60),
            "right": 3, "wrong": 1,
        }
        for month in months
        for rule in range(30)
    ]  # fmt: skip


def _acts(ground: Ground) -> list[Row]:
    """A chain that holds, as the line would have written it."""
    rows, end = [], BEGINNING
    for number in range(ground.days * ACTS_A_DAY):
        at = ground.now - timedelta(days=ground.days) + timedelta(seconds=number * 86400 // ACTS_A_DAY)
        about = f"esc-{number % ESCALATIONS}" if number % 6 in {3, 4} else None
        entry = next_entry(end, Deed(at, "coordinator", _DEEDS[number % len(_DEEDS)], about))
        rows.append({
            "id": entry.number, "at": at, "who": entry.deed.who, "what": entry.deed.what, "about": about,
            "previous": entry.previous, "hash": entry.hash,
        })  # fmt: skip
        end = entry.link
    return rows
