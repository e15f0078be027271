"""A console with something of everything, and values that nobody should send to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evening import PASSWORD_ALONE, FakeLine
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from profiles_on_console import NoticesHere
from served import served
from sqlalchemy import update

from console.app import create_app
from models.clock import now
from models.database import Database
from models.migrate import migrate
from models.tables import Listener
from wingline.console_bench.prison import a_prison, rows_of
from wingline.console_bench.year import a_year

# In a long run: WINGLINE_FUZZ=500 examples of each; also on another database, empty: WINGLINE_FUZZ_DATABASE=postgresql…
EXAMPLES = int(os.environ.get("WINGLINE_FUZZ", "0"))
DATABASE = os.environ.get("WINGLINE_FUZZ_DATABASE", "")
DAYS = 8
NASTY = (
    b"", b"\0", b"a\0b", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"-1", b"0", b"1e999", b"NaN", b"9" * 400,
    b"99999999999999999999", b"2026-02-30", b"0001-01-01", b"9999-12-31", b"9999-12-31T23:59", b"24:61", b"a" * 9000,
    b"<script>alert(1)</script>", b"../../../etc/passwd", b"%00", b"' OR 1=1 --", b"\r\nX-Other: 1", b"on", b"true",
    "\N{LATIN SMALL LETTER E WITH ACUTE}\N{BELL}\N{RIGHT-TO-LEFT OVERRIDE}".encode(),
)  # fmt: skip
# Of what there is, so that some get past the first question.
KNOWN = (
    b"Kestrel 1", b"Heron 1", b"B-2-027", b"esc-0", b"rota-bench", b"apart-1", b"leave-1", b"wish-1", b"move-219",
    b"drill-15", b"2026-Q3", b"healthcare", b"court", b"leave", b"1", b"3", b"30", b"80",
    b"2026-12-01", b"2026-12-01T08:30",
)  # fmt: skip


def values() -> some.SearchStrategy[bytes]:
    text = some.text(max_size=40).map(lambda one: one.encode("utf-8", "surrogatepass"))
    return some.sampled_from(NASTY) | some.sampled_from(KNOWN) | text | some.binary(max_size=40)


def bounded(examples: int) -> settings:
    """The same every time in a test run, so that nobody's change is refused by chance; new ones in a long run."""
    slow = [
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ]
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        database=None,
        derandomize=not EXAMPLES,
        suppress_health_check=slow,
    )


@contextmanager
def a_console(folder: Path) -> Iterator[tuple[FastAPI, str, Database]]:
    """Served; its address, and its database."""
    url = DATABASE or f"sqlite:///{folder / 'fuzzed.db'}"
    migrate(url)
    database, at = Database(url), now()
    _, site, _ = a_prison(folder, url, at.date())
    with database.transaction() as session:
        rows_of(session, site)
        a_year(session, site, at, DAYS)
        session.execute(update(Listener).where(Listener.code_name == "Kestrel 1").values(wants_debrief=True))
    line = FakeLine(database)
    here = NoticesHere(folder / "prompts")
    app = create_app(
        database,
        line=line,
        secret="s" * 40,
        site=site.id,
        scheme=site.scheme(),
        apart_key=b"k" * 32,
        rules=PASSWORD_ALONE,
        profiles_here=here,
    )
    with served(app) as address:
        yield app, address, database
    database.close()
