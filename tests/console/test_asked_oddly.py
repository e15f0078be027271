"""Whoever asks the console for what no browser asks for learns nothing by it."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/sign-in", "/account", "/api/v1/rota"])
def test_a_method_that_an_address_does_not_take_is_refused(browser: httpx.Client, method: str, path: str) -> None:
    answer = browser.request(method, path, headers={"Cookie": "wingline=mine", "X-Mine": "mine"})

    assert answer.status_code == 405
    assert "mine" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/.git/HEAD", "/.env", "/assets/", "/assets", "/docs", "/redoc", "/openapi.json", "/metrics", "/secrets.toml"],
)
def test_there_is_no_file_no_list_and_no_page_about_the_machinery(browser: httpx.Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_of_two_ways_to_say_how_long_a_request_is_none_is_believed(address: str) -> None:
    """A request that a proxy and the console cut at different places would smuggle another one in."""
    parts = urlsplit(address)
    lines = ["POST /sign-in HTTP/1.1", f"Host: {parts.netloc}", "Content-Length: 4", "Transfer-Encoding: chunked"]
    smuggled = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n" + smuggled).encode())
        line.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: line.recv(65536), b""))

    status = int(said.split()[1])
    assert status in {400, 411}
    assert b"\r\n\r\nok" not in said


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/healthz", "/api/v1/rota", "/live", "/assets/x/icon.svg"])
def test_every_answer_tells_the_browser_what_it_must_not_do(browser: httpx.Client, path: str) -> None:
    headers = browser.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "base-uri 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
