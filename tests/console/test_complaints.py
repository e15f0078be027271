"""Whom people can complain to, on the page that is printed for whoever asks."""

import httpx
from evening import PASSWORD_ALONE, SITE, FakeLine, sign_in
from served import served

from console.app import create_app
from console.complaints import REQUIRED, Body, Reached, whom
from models.database import Database

REACHED = [
    Reached(Body.MONITORING_BOARD, "IMB Demo", "The box on your wing"),
    Reached(Body.SCHEME, "Samaritans of <Demo>", phone="116 123"),
    Reached(Body.OMBUDSMAN, "The Ombudsman", "By confidential envelope", "0800 1"),
]


def test_how_each_is_reached_stands_beside_what_they_are_for(database: Database, line: FakeLine) -> None:
    given = {"rules": PASSWORD_ALONE, "complain_to": REACHED}
    app = create_app(database, line=line, secret="s" * 40, site=SITE, **given)  # type: ignore[arg-type]  # each by its name
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        sign_in(browser, "sam")
        page = browser.get("/kept?for=caller").text

    for said in (
        "IMB Demo",
        "The box on your wing",
        "Samaritans of &lt;Demo&gt;",
        "Telephone 116 123",
        "Telephone 0800 1",
    ):
        assert said in page
    assert "ask the coordinator of the Listener scheme" not in page


def test_until_the_site_says_it_the_coordinator_is_asked(browser: httpx.Client) -> None:
    sign_in(browser, "sam")

    assert "ask the coordinator of the Listener scheme" in browser.get("/kept").text


def test_everybody_is_named_whoever_can_be_reached() -> None:
    assert set(REQUIRED) <= {one.body for one in REACHED}
    assert [len(ways) for _, _, ways in whom(REACHED)] == [2, 2, 3, 0, 0]
    assert [who for who, _, _ in whom([])] == [who for who, _, _ in whom(REACHED)]
