"""Puts the console together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.middleware.gzip import GZipMiddleware

from console import (
    accounts_page,
    api_movements,
    assets,
    calendars,
    debriefs,
    drills,
    escalations,
    kept,
    listening,
    live_board,
    movements,
    movements_forms,
    profiles_forms,
    rendering,
    signing_in,
    signing_in_first,
    signing_in_oidc,
    wallboard,
)
from console import profiles as profiles_pages
from console.api import Refused, refuse_api
from console.api_apart import keep_apart_router
from console.body_limit import BodyLimit
from console.complaints import Reached
from console.desk import Desk, NotOurForm, NotSignedIn
from console.figures import api as figures_api
from console.figures import pages as figures_pages
from console.headers import SafeHeaders
from console.health import pages as health_pages
from console.listeners import pages as listeners_pages
from console.listeners.addresses import Addresses
from console.oversight import pages as oversight_pages
from console.ports import LineView
from console.profile_ports import ProfilesHere
from console.rota import forms as rota_forms
from console.rota import pages as rota_pages
from console.sessions import Sessions
from console.set_up import changes as set_up_changes
from console.set_up import pages as set_up_pages
from console.set_up import prompts as set_up_prompts
from console.set_up.ports import SetUpHere
from console.signing_in_door import door_of
from console.signing_in_rules import SigningIn
from console.watch import Watch
from models.database import Database
from models.errors import AskersFault
from models.words import SiteId
from rota.scheme import Scheme

# Every subject's routes; those that a site need not have come in create_app.
_PAGES = (
    *(signing_in, signing_in_first, signing_in_oidc, accounts_page),
    *(live_board, wallboard, listening, escalations, debriefs, calendars, rota_pages, rota_forms),
    *(movements, movements_forms, api_movements, drills, assets),
    *(figures_pages, figures_api, oversight_pages, kept, health_pages),
)
# A second factor for everybody, and sessions that end.
_BY_THE_RULES = SigningIn()


def create_app(  # noqa: PLR0913 - each is a part that only the wiring knows
    database: Database,
    *,
    line: LineView,
    secret: str,
    site: SiteId,
    scheme: Scheme | None = None,
    swaps_by_rule: bool = False,
    apart_key: bytes | None = None,
    rules: SigningIn = _BY_THE_RULES,
    profiles_here: ProfilesHere | None = None,
    complain_to: Sequence[Reached] = (),
    set_up_here: SetUpHere | None = None,
) -> FastAPI:
    watch = Watch(database, line, site)
    # No page that describes the API: it loads scripts from elsewhere. What it is stands in docs/movements-file.md.
    app = FastAPI(lifespan=_reading(watch), openapi_url=None)
    sessions, door = Sessions(secret, rules.at_most), door_of(secret, rules)
    app.state.desk = Desk(database, line, site, sessions, door, watch, scheme, swaps_by_rule, complain_to)
    app.state.addresses = Addresses(secret)
    app.state.profiles, app.state.set_up = profiles_here, set_up_here
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders)
    # Its own list of what it leaves alone has the live stream in it. Quick rather than small: calls come first.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    for router in _routers(apart_key, profiles=profiles_here is not None, set_up=set_up_here is not None):
        app.include_router(router)
    app.add_api_route("/healthz", healthz)
    app.add_exception_handler(NotSignedIn, ask_to_sign_in)
    app.add_exception_handler(NotOurForm, refuse_form)
    app.add_exception_handler(AskersFault, refuse)
    app.add_exception_handler(Refused, refuse_api)
    return app


def _reading(watch: Watch) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def reading(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(watch.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return reading


def _routers(apart_key: bytes | None, *, profiles: bool, set_up: bool) -> Iterator[APIRouter]:
    """Of the two that need more than a database, only what is there."""
    yield from (module.router for module in _PAGES)
    yield from listeners_pages.ROUTERS
    if profiles:
        yield from (profiles_pages.router, profiles_forms.router)
    if profiles and set_up:
        yield from (set_up_pages.router, set_up_changes.router, set_up_prompts.router, set_up_prompts.of_language)
    if apart_key:
        # Without the site's own key no pair would be found again.
        yield keep_apart_router(apart_key)


def healthz() -> Response:
    return PlainTextResponse("ok")


def ask_to_sign_in(request: Request, _fault: Exception) -> Response:
    # A live stream must not be led to a page: it ends, and the board goes to sign in by itself.
    if request.url.path.startswith("/live"):
        return PlainTextResponse("sign in first", status_code=401)
    return RedirectResponse("/sign-in", status_code=303)


def refuse_form(_request: Request, _fault: Exception) -> Response:
    return _refusal("This form is too old or was not ours. Nothing was recorded. Open the board and try again.")


def refuse(_request: Request, fault: Exception) -> Response:
    return _refusal(f"{fault}.")


def _refusal(complaint: str) -> Response:
    return HTMLResponse(rendering.page("refused.html", complaint=complaint), status_code=403)
