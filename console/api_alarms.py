"""Alarms by API: what Alertmanager says is wrong with the line itself, in its own webhook's shape (version 4).

What is for people at once (``severity: page``) is written down, and the line tells staff of it as of any other
escalation (escalation/alarms.py). Nothing that was sent is repeated in an answer, nor kept but for the names in
models/alarms.py, a fingerprint and times.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, ValidationError

from console.api import BODY_REFUSALS, PREFIX, REFUSALS, ErrorSaid, Refused, answer, body_of, token_for
from console.api_shapes import Wrong
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from escalation.alarms import Change, Heard, take
from models.alarms import PAGE, TOLD_BY_THE_LINE, Alarm
from models.clock import now

WHERE = f"{PREFIX}/alarms"
router = APIRouter(prefix=WHERE, tags=["alarms"], responses=REFUSALS)

ForAlarms = Annotated[Bearer, token_for(Scope.ALARMS)]
# There are fewer alarms, each of a few machines; more is no monitoring.
MOST = 100
_AS_IT_DOES = "write the alert as Alertmanager does: status, labels, startsAt, fingerprint"
_ADVICE = {
    "status": "write firing or resolved",
    "alertname": "there is no such alarm; deploy/alerts.yml names those that there are",
    "severity": "write it as text; page is for people at once",
    "startsAt": "write a time with its offset, such as 2026-12-01T03:00:00Z",
    "fingerprint": "write Alertmanager's own 16 hexadecimal digits",
}


def _moment(sent: object) -> datetime:
    if not isinstance(sent, str):
        raise ValueError("not a text")  # noqa: TRY004  pydantic takes this for what is wrong with the field
    try:
        moment = datetime.fromisoformat(sent)
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except OverflowError as error:
        raise ValueError("no such time") from error


class Labels(BaseModel):
    """Others are not read."""

    alertname: Alarm
    severity: str = Field(description=f"{PAGE}: staff are rung. Anything else is taken, and nobody is told.")


class Alert(BaseModel):
    """One alarm, as Alertmanager tells it."""

    status: Literal["firing", "resolved"]
    labels: Labels
    startsAt: Annotated[AwareDatetime, BeforeValidator(_moment)]  # noqa: N815  Alertmanager's own name
    fingerprint: str = Field(pattern="^[0-9a-f]{16}$")


class AlarmsSent(BaseModel):
    """What Alertmanager's webhook sends; what else it says is not read."""

    version: Literal["4"]
    alerts: list[Alert] = Field(max_length=MOST)


class AlarmsTaken(BaseModel):
    """``began`` and ``ended`` are new; ``known`` were told before; ``not_for_people``: of another severity."""

    began: int
    ended: int
    known: int
    not_for_people: int
    wrong: list[Wrong]


def _whole(part: object, parts: Mapping[str, object]) -> object:
    """A schema without references: those of a body that is read by hand lead nowhere in the description."""
    match part:
        case {"$ref": str(name)}:
            return _whole(parts[name.rpartition("/")[2]], parts)
        case dict():
            return {key: _whole(one, parts) for key, one in part.items() if key != "$defs"}
        case list():
            return [_whole(one, parts) for one in part]
        case _:
            return part


_SENT = AlarmsSent.model_json_schema()
_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _whole(_SENT, _SENT["$defs"])}}}
}  # fmt: skip


@router.post(
    "",
    openapi_extra=_BODY,
    responses=BODY_REFUSALS | {200: {"model": AlarmsTaken}, 422: {"model": AlarmsTaken | ErrorSaid}},
)
async def hear(request: Request, desk: AtDesk, bearer: ForAlarms) -> Response:
    """Tell of alarms. The right ones are taken also beside a wrong one; told again, it is the same alarm."""
    wrong: list[Wrong] = []
    read = list(_read(await _alerts(request), wrong))
    rings = [heard for heard, severity in read if severity == PAGE and heard.alarm not in TOLD_BY_THE_LINE]
    at = now()
    changes = await desk.database.run(
        lambda session: [take(session, desk.site, heard, bearer.who, at) for heard in rings]
    )
    taken = AlarmsTaken(
        began=changes.count(Change.BEGAN),
        ended=changes.count(Change.ENDED),
        known=changes.count(None),
        not_for_people=len(read) - len(rings),
        wrong=wrong,
    )
    return answer(taken, all_right=not wrong)


async def _alerts(request: Request) -> list[object]:
    asked = 'send what Alertmanager sends: an object with "version": "4" and "alerts"'
    sent = await body_of(request, asked)
    if not isinstance(sent, dict) or sent.get("version") != "4" or not isinstance(sent.get("alerts"), list):
        raise Refused(422, asked)
    alerts: list[object] = sent["alerts"]
    if len(alerts) > MOST:
        raise Refused(422, f"these are more than {MOST} alerts; set max_alerts: {MOST} in alertmanager.yml")
    return alerts


def _read(alerts: Iterable[object], wrong: list[Wrong]) -> Iterator[tuple[Heard, str]]:
    """Those that are right, with their severity; the others are added to ``wrong``."""
    for number, sent in enumerate(alerts, start=1):
        try:
            told = Alert.model_validate(sent)
        except ValidationError as fault:
            field = str(next(reversed(fault.errors(include_input=False)[0]["loc"]), ""))
            wrong.append(Wrong(row=number, what=f"{field}: {_ADVICE[field]}" if field in _ADVICE else _AS_IT_DOES))
        else:
            fires = told.status == "firing"
            heard = Heard(told.labels.alertname, told.fingerprint, told.startsAt, fires=fires)
            yield heard, told.labels.severity
