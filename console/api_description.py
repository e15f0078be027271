"""What the API says of itself (OpenAPI), for whoever has a token or is signed in. A page for it would load scripts."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Security
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from fastapi.security import APIKeyCookie

from console.api import ASK_FOR_TOKEN, PREFIX, REFUSALS, Given, Refused, any_bearer
from console.desk import AtDesk, MaybeSession, who_is
from console.sessions import COOKIE

_SAYS = (
    "Other systems of the prison ask here, each with a token of one scope. Times are UTC with an offset. An error says "
    "what to change and never repeats what was sent. Examples: docs/api.md."
)

router = APIRouter(prefix=PREFIX, tags=["description"], responses={401: REFUSALS[401], 429: REFUSALS[429]})

# The name that it has on loopback.
_WHOSE = "Of who is signed in; over TLS its name begins with __Host-."
_cookie = APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False, description=_WHOSE)


@router.get(
    "/openapi.json",
    dependencies=[Security(_cookie)],
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def description(request: Request, desk: AtDesk, given: Given, session: MaybeSession) -> Response:
    """What you are reading."""
    if given is not None:
        await any_bearer(request, desk, given)
    elif session is None or await who_is(desk, session, by_itself=True) is None:
        raise Refused(401, "send a token, or sign in: Authorization: Bearer …", ASK_FOR_TOKEN)
    return JSONResponse(described(request.app))


def described(app: FastAPI) -> dict[str, Any]:
    """Of the API's own routes; it does not change while the console runs."""
    if app.openapi_schema is None:
        routes = [one for one in iter_route_contexts(app.routes) if (one.path or "").startswith(f"{PREFIX}/")]
        app.openapi_schema = get_openapi(
            title="Wingline", version=version("wingline"), description=_SAYS, routes=routes
        )
    return app.openapi_schema
