"""The site file's [traces]: which collector is told how calls went; without it nobody is (docs/traces.md)."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict

from models.traced import UNTRACED, Span
from wingline.settings import LOOPBACK


class TracesPart(BaseModel):
    """``anywhere``: the site has made sure of an address that we cannot see to be the prison's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str
    anywhere: bool = False


def traces_complaints(part: TracesPart | None) -> Iterator[str]:
    if part is None:
        return
    address = _split(part.endpoint)
    if address is None or not address.hostname or address.scheme not in {"http", "https"} or not address.path:
        yield "traces.endpoint: this is no address of a collector; http://127.0.0.1:4318/v1/traces is one"
        return
    if address.scheme == "http" and address.hostname not in LOOPBACK:
        yield "traces.endpoint: a collector is https://…; http:// only to a program on this machine"
    if address.username or address.password or address.query:
        yield "traces.endpoint: no name, password or query belongs in it"
    if not part.anywhere and not _is_inside(address.hostname):
        yield (
            "traces.endpoint: this may be outside the prison: write a private address (10.…, 172.16.…, 192.168.…), "
            "or anywhere = true when you have made sure of a name"
        )


def _split(written: str) -> SplitResult | None:
    try:
        address = urlsplit(written)
        address.port  # noqa: B018  it is read only when it is asked for
    except ValueError:
        return None
    return address


def _is_inside(host: str) -> bool:
    """A name may mean another machine tomorrow."""
    if host in LOOPBACK:
        return True
    try:
        at = ip_address(host)
    except ValueError:
        return False
    return (at.is_private or at.is_loopback) and not at.is_unspecified


@dataclass(frozen=True, slots=True)
class Traces:
    """``dropped``: spans that never reached the collector. ``stop`` sends what is left, if that can be done soon."""

    spans: Span
    dropped: Callable[[], int]
    stop: Callable[[], Awaitable[None]]


async def _nothing_to_stop() -> None:
    pass


def traces_of(part: TracesPart | None) -> Traces:
    if part is None:
        return Traces(UNTRACED, lambda: 0, _nothing_to_stop)
    from wingline.traces import Collected, exporter_to  # noqa: PLC0415  half a second, for those who ask for it

    collected = Collected(exporter_to(part.endpoint))
    return Traces(collected.spans, lambda: collected.dropped, collected.stop)
