"""Styles and scripts as a browser gets them: small, kept, and never out of date."""

import re

import httpx
import pytest
from evening import sign_in

from console import assets

# What the first page may weigh on the wire, with all that it loads.
AT_MOST_BYTES = 100_000


def loaded_by(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)


def weight(browser: httpx.Client, address: str) -> int:
    with browser.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(map(len, answer.iter_raw()))


@pytest.mark.parametrize("name", ["nurse", "sam"])
def test_the_first_page_with_all_that_it_loads_is_small(browser: httpx.Client, name: str) -> None:
    sign_in(browser, name)
    loads = loaded_by(browser.get("/").text)
    # The page names its script, and that one names another.
    loads.append(assets.address("vendor/govuk-frontend.min.js"))

    assert sum(weight(browser, address) for address in ["/", *loads]) < AT_MOST_BYTES


def test_what_a_page_loads_is_kept_and_the_page_is_not(browser: httpx.Client) -> None:
    page = browser.get("/sign-in")
    styles = [browser.get(address) for address in loaded_by(page.text)]

    assert page.headers["cache-control"] == "no-store"
    assert {answer.headers["cache-control"] for answer in styles} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["content-encoding"] for answer in styles} == {"gzip"}
    assert {answer.headers["x-content-type-options"] for answer in styles} == {"nosniff"}


def test_what_is_text_says_in_which_characters(browser: httpx.Client) -> None:
    kinds = {
        browser.get(assets.address(name)).headers["content-type"] for name in ("icon.svg", "console.css", "board.js")
    }

    assert kinds == {"image/svg+xml; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8"}


def test_an_address_from_before_an_update_gives_what_is_there_now_and_is_not_kept(browser: httpx.Client) -> None:
    answer = browser.get("/assets/0123456789ab/console.css")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_who_takes_nothing_compressed_gets_it_plain(browser: httpx.Client) -> None:
    address = assets.address("console.css")
    plain = browser.get(address, headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    assert plain.text == browser.get(address).text
    assert plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["nothing.css", "..%2fboard.html", "vendor"])
def test_there_is_nothing_but_the_assets(browser: httpx.Client, name: str) -> None:
    assert browser.get(f"/assets/{assets.version()}/{name}").status_code == 404


def test_a_page_that_names_what_is_not_there_fails() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.css"):
        assets.address("nothing.css")
