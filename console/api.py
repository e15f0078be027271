"""What every route of the API needs: who asks, rows as JSON, and words for what is wrong.

Bearer tokens alone open it: no cookie does, so that no page elsewhere can use a browser that is signed in.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from console.api_tokens import Bearer, Scope, bearer_of
from console.desk import AtDesk, Desk
from models.clock import now, steady

_log = structlog.get_logger()

PREFIX = "/api/v1"
# A 401 names what would be accepted (RFC 9110, 15.5.2).
ASK_FOR_TOKEN = {"WWW-Authenticate": "Bearer"}
_WAIT_SECONDS = "120"


class Refused(Exception):
    """Nothing was done; ``error`` says what to change."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = headers or {}


class ErrorSaid(BaseModel):
    """What to change; nothing was done. It never repeats what was sent."""

    error: str


def refuse_api(_request: Request, fault: Exception) -> Response:
    if not isinstance(fault, Refused):
        raise fault
    return error(fault.status, fault.error, fault.headers)


def error(status: int, said: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": said}, status, dict(headers or {}))


def _said(description: str, **headers: str) -> dict[str, Any]:
    named = {
        name.replace("_", "-"): {"description": says, "required": True, "schema": {"type": "string"}}
        for name, says in headers.items()
    }
    return {"model": ErrorSaid, "description": description, "headers": named}


# For the description: what every address may answer instead, and what one that takes a body may (docs/api.md).
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _said("No token, or one that opens nothing", WWW_Authenticate="Bearer"),
    403: _said("A token of another scope"),
    422: _said("A parameter is not as described"),
    429: _said("Too many wrong tokens from one address", Retry_After="Seconds to wait"),
    503: _said("The database cannot be used; try again later"),
}
BODY_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: _said("The body is not JSON"),
    411: _said("No Content-Length"),
    413: _said("More than one megabyte"),
}

Given = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(
        HTTPBearer(
            auto_error=False,
            scheme_name="token",
            description="Made by `wingline tokens make`; each opens one scope, which stands beside it here.",
        )
    ),
]


def token_for(scope: Scope) -> Any:
    """What a route asks for: a token of this scope, and a description that says so."""
    return Security(only_for(scope), scopes=[scope.value])


def only_for(scope: Scope) -> Callable[..., Awaitable[Bearer]]:
    async def bearer(request: Request, desk: AtDesk, given: Given) -> Bearer:
        found = await any_bearer(request, desk, given)
        if found.scope is not scope:
            raise Refused(403, f"this token opens {found.scope} only; make one with the scope {scope}")
        _refuse_unknown(request)
        return found

    return bearer


def _refuse_unknown(request: Request) -> None:
    """A name that is misspelt must not be taken for one that was left out."""
    taken = sorted(_taken(request.scope["route"].dependant))
    if set(request.query_params) - set(taken):
        raise Refused(
            422, f"this address takes {', '.join(taken) or 'no parameters'}; leave out what is called otherwise"
        )


def _taken(dependant: Dependant) -> Iterator[str]:
    yield from (one.alias for one in dependant.query_params)
    for part in dependant.dependencies:
        yield from _taken(part)


async def any_bearer(request: Request, desk: AtDesk, given: Given) -> Bearer:
    """Whatever the token opens."""
    if given is None:
        raise Refused(401, "send a token: Authorization: Bearer …", ASK_FOR_TOKEN)
    found = await desk.database.run(lambda session: bearer_of(session, desk.site, given.credentials, now()))
    if found is None:
        raise _wrong_token(desk, request)
    return found


def _wrong_token(desk: Desk, request: Request) -> Refused:
    """Who has a right one is let in meanwhile: all systems of a prison may come through one proxy's address."""
    host = request.client.host if request.client else ""
    if not desk.throttle.allows(f"token from {host}", steady()):
        return Refused(429, "too many wrong tokens; wait two minutes", {"Retry-After": _WAIT_SECONDS})
    _log.warning("api.wrong_token")
    return Refused(401, "this token opens nothing; make another: wingline tokens make NAME", ASK_FOR_TOKEN)


async def rows_of(request: Request) -> list[object]:
    """One row or a list of them."""
    given = await body_of(request, "send one row as an object, or a list of them")
    return given if isinstance(given, list) else [given]


async def body_of(request: Request, send: str) -> object:
    """No error says what stands there; ``send`` says what should."""
    try:
        given: object = await request.json()
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON; {send}") from error
    return given


def described_as(row: type[BaseModel]) -> dict[str, object]:
    """For the description of the API: the rows are read one by one, so that a wrong one keeps no other back."""
    schema = row.model_json_schema()
    one_or_many = {"anyOf": [schema, {"type": "array", "items": schema}]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": one_or_many}}}}


def answer(content: BaseModel, *, all_right: bool) -> Response:
    """422 when any row is wrong; the right ones are taken all the same, as from a file."""
    return JSONResponse(content.model_dump(mode="json"), 200 if all_right else 422)
