"""Puts the console together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.middleware.gzip import GZipMiddleware

from console import (
    accounts_page,
    api_alarms,
    api_description,
    api_escalations,
    api_health,
    api_movements,
    api_rota,
    assets,
    calendars,
    debriefs,
    drills,
    escalations,
    kept,
    language_asked,
    listening,
    live_board,
    movements,
    movements_forms,
    profiles_forms,
    refusing,
    signing_in,
    signing_in_first,
    signing_in_oidc,
    wallboard,
)
from console import profiles as profiles_pages
from console.api_apart import keep_apart_router
from console.body_limit import BodyLimit
from console.complaints import Reached
from console.desk import Desk
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
from console.texts import only_text
from console.watch import Watch
from models.database import Database
from models.words import SiteId
from rota.scheme import Scheme

# Every subject's routes; those that a site need not have come in create_app.
_PAGES = (
    *(signing_in, signing_in_first, signing_in_oidc, accounts_page),
    language_asked,
    *(live_board, wallboard, listening, escalations, debriefs, calendars, rota_pages, rota_forms),
    *(movements, movements_forms, drills, assets),
    *(figures_pages, oversight_pages, kept, health_pages),
    *(api_description, api_rota, api_movements, api_escalations, api_health, api_alarms, figures_api),
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
    # What describes the API has an address of its own (api_description.py), and no page, which would load scripts.
    app = FastAPI(lifespan=_reading(watch), openapi_url=None, dependencies=[Depends(only_text)])
    sessions, door = Sessions(secret, rules.at_most), door_of(secret, rules)
    app.state.desk = Desk(database, line, site, sessions, door, watch, scheme, swaps_by_rule, complain_to)
    app.state.addresses = Addresses(secret)
    app.state.profiles, app.state.set_up = profiles_here, set_up_here
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders)
    # Its own list of what it leaves alone has the live stream in it. Quick rather than small: calls come first.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(language_asked.InTheirLanguage, desk=app.state.desk)
    for router in _routers(apart_key, profiles=profiles_here is not None, set_up=set_up_here is not None):
        app.include_router(router)
    app.add_api_route("/healthz", healthz)
    refusing.add_to(app)
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
