"""A run as a story, line by line in its own order, for whoever looks why a promise was not kept. No word is in it."""

from collections.abc import Iterator

from wingline.chaos.history import History, PhoneCall
from wingline.chaos.plan import Plan
from wingline.chaos.run import Seen

Line = tuple[float, str]


def tell(plan: Plan, seen: Seen) -> str:
    lines = [*_planned(plan), *_phones(seen.history), *_faults(seen.history), *_rows(seen.history)]
    lines += [(at, f"log        {said}") for at, said in seen.said]
    return "".join(f"{at:7.1f}  {what}\n" for at, what in sorted(lines))


def _planned(plan: Plan) -> Iterator[Line]:
    for call in plan.calls:
        keys = " ".join(f"{press.keys}@{press.after}" for press in call.presses)
        yield call.begins, f"plan       caller-{call.lane} call {call.number}: stays {call.stays}, presses {keys}"


def _phones(history: History) -> Iterator[Line]:
    for story in history.callers:
        for attempt in story.dialled:
            yield attempt.at, f"caller     caller-{story.plan.lane} dials, answered {attempt.answered}"
        for call in story.calls:
            yield from _call(call)
    for call in history.others:
        yield from _call(call)
    for ring in history.rings:
        yield ring.at, f"ring       {ring.who}"
    for one in history.members:
        yield one.joined, f"joined     {one.who} in {one.call}"
        if one.left is not None:
            yield one.left, f"left       {one.who} from {one.call}"


def _call(call: PhoneCall) -> Iterator[Line]:
    yield call.began, f"answered   {call.who}"
    yield call.ended, f"over       {call.who}, by {call.by}"
    for one in call.heard:
        yield one.at, f"heard      {call.who}: {one.what}"
    for begins, ends in call.silent:
        yield begins, f"silence    {call.who}: {ends - begins:.1f} s"


def _faults(history: History) -> Iterator[Line]:
    for fault in history.faults:
        yield fault.began, f"FAULT      {fault.kind} {fault.who or ''}"
        if fault.over is not None:
            yield fault.over, f"WELL       after {fault.kind}"
    for cut in history.cuts:
        what = " and ".join(word for word, is_so in (("deaf", cut.deaf), ("mute", cut.mute)) if is_so)
        yield cut.began, f"CUT        {cut.who} is {what} for {cut.over - cut.began:.1f} s"


def _rows(history: History) -> Iterator[Line]:
    for talk in history.rows.talks:
        yield talk.began, f"row        talk {talk.call} {talk.listener} {talk.seat} until {talk.ended}"
    for one in history.rows.escalations:
        yield one.raised, f"row        escalation {one.id} {one.cause} {one.cell} {one.call} until {one.closed}"
    for telling in history.rows.tellings:
        yield telling.began, f"row        telling {telling.escalation} {telling.post} {telling.end} {telling.ended}"
