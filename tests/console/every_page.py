"""Finds every page that somebody can open, by the routes of the console and by the links on its pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')


@dataclass
class Found:
    """Addresses by the path of their route, such as ``/drills/{one}``: one of each is enough."""

    pages: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    not_pages: set[str] = field(default_factory=set)

    @property
    def seen(self) -> set[str]:
        return {*self.pages, *self.refused, *self.not_pages}


def routes(app: FastAPI) -> list[str]:
    """The paths that can be asked for, in the order in which the console tries them."""
    return [route.path for route in iter_route_contexts(app.routes) if route.path and "GET" in (route.methods or ())]


def everything_for(browser: httpx.Client, app: FastAPI) -> Found:
    """What this browser, signed in or not, can open; what it is refused counts, with the address it tried."""
    found = Found()
    ahead = [route for route in routes(app) if "{" not in route]
    while ahead:
        address = ahead.pop(0)
        route = _route_of(app, address)
        if route is None or route in found.seen:
            continue
        ahead += _open(browser, route, address, found)
    return found


def _open(browser: httpx.Client, route: str, address: str, found: Found) -> list[str]:
    # A live stream never ends: only the head of an answer says whether it is a page.
    with browser.stream("GET", address) as answer:
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        if is_page and answer.status_code == 200:
            found.pages[route] = address
            return [*_links(address, answer.read().decode())]
        if is_page and answer.status_code == 403:
            found.refused[route] = address
        else:
            found.not_pages.add(route)
    return []


def _links(address: str, html: str) -> Iterator[str]:
    for href in LINK.findall(html):
        there = urlsplit(urljoin(address, unescape(href)))
        if not there.netloc:
            yield there.path + (f"?{there.query}" if there.query else "")


def _route_of(app: FastAPI, address: str) -> str | None:
    path = httpx.URL(address).path
    return next((route for route in routes(app) if compile_path(route)[0].match(path)), None)
