"""What staff hear on their line: which prompts for which escalation."""

from datetime import datetime, tzinfo

from escalation.case import Case
from escalation.disclosure import danger_prompt, where
from escalation.store import Open
from ivr.spoken_time import Prompts, spoken_number, spoken_since
from models.words import STAFF_OUTCOMES, Outcome, Post, Prompt

MENU = Prompt("staff-line/menu")
# The keys of the pick-list, in the order in which it is spoken.
PICK_LIST = {str(number): outcome for number, outcome in enumerate(STAFF_OUTCOMES, start=1)}


def may_hear(case: Case, post: Post) -> bool:
    """Nobody hears more by dialling than by being rung: whom no step tells, and before it is decided, nobody."""
    return not case.deciding and any(post in step.posts for step in case.protocol.steps)


def how_many(count: int) -> Prompts:
    if not count:
        return ()
    return *spoken_number(count), Prompt("staff-line/is-open" if count == 1 else "staff-line/are-open")


def one(each: Open, *, now: datetime, zone: tzinfo) -> Prompts:
    """Short: its code, kind and place, since when, and who goes."""
    told = each.told
    return (
        *((Prompt(f"staff/code-{told.code}"),) if told.code else ()),
        *told.kinds,
        *((danger_prompt(told.danger),) if told.danger else ()),
        *where(told),
        Prompt("staff-line/since"),
        *spoken_since(told.raised_at, now=now, zone=zone),
        *how_far(each.case),
    )


def pick_list(case: Case) -> Prompts:
    said = [Prompt("staff-line/what-happened")]
    if case.spoken_at is None:
        said = [Prompt("staff-line/closing-means-spoken"), *said]
    for key, outcome in PICK_LIST.items():
        said += [_outcome(outcome), Prompt(f"digits/{key}")]
    return tuple(said)


def how_far(case: Case) -> Prompts:
    if case.spoken_at is not None:
        return (Prompt("staff-line/somebody-has-spoken"),)
    if case.acknowledged_at is None:
        return (Prompt("staff-line/nobody-goes"),)
    return (
        *_who_goes(case),
        *((Prompt("staff-line/somebody-at-the-door"),) if case.at_door_at else ()),
        *((Prompt("staff/others-wanted"),) if case.wanting else ()),
    )


def _who_goes(case: Case) -> Prompts:
    """An account of the console has a name that no prompt says."""
    by = case.acknowledged_by
    posts = case.posts or ((Post(by),) if by in set(Post) else ())
    if not posts:
        return (Prompt("staff-line/somebody-goes"),)
    return (Prompt("staff-line/going"), *(post_prompt(post) for post in posts))


def post_prompt(post: Post) -> Prompt:
    return Prompt(f"staff-line/post-{post.replace('_', '-')}")


def _outcome(outcome: Outcome) -> Prompt:
    return Prompt(f"staff-line/outcome-{outcome.replace('_', '-')}")
