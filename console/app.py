"""Puts the console together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
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
    live_board,
    movements,
    movements_forms,
    profiles,
    profiles_forms,
    rendering,
    signing_in,
    signing_in_first,
    signing_in_oidc,
    wallboard,
)
from console.api import Refused, refuse_api
from console.api_apart import keep_apart_router
from console.body_limit import BodyLimit
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
    *(live_board, wallboard, escalations, debriefs, calendars, rota_pages, rota_forms),
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
) -> FastAPI:
    watch = Watch(database, line, site)

    @asynccontextmanager
    async def watching(_app: FastAPI) -> AsyncIterator[None]:
        reading = asyncio.create_task(watch.run())
        yield
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading

    # No page that describes the API: it loads scripts from elsewhere. What it is stands in docs/movements-file.md.
    app = FastAPI(lifespan=watching, openapi_url=None)
    sessions = Sessions(secret, rules.at_most)
    app.state.desk = Desk(database, line, site, sessions, door_of(secret, rules), watch, scheme, swaps_by_rule)
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders)
    # Its own list of what it leaves alone has the live stream in it. Quick rather than small: calls come first.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    for module in _PAGES:
        app.include_router(module.router)
    app.state.addresses = Addresses(secret)
    for router in listeners_pages.ROUTERS:
        app.include_router(router)
    if profiles_here:
        app.state.profiles = profiles_here
        for module in (profiles, profiles_forms):
            app.include_router(module.router)
    if apart_key:
        # Without the site's own key no pair would be found again.
        app.include_router(keep_apart_router(apart_key))
    app.add_api_route("/healthz", healthz)
    app.add_exception_handler(NotSignedIn, ask_to_sign_in)
    app.add_exception_handler(NotOurForm, refuse_form)
    app.add_exception_handler(AskersFault, refuse)
    app.add_exception_handler(Refused, refuse_api)
    return app


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
