"""What `wingline site apply` would do, in plain words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.words import Post
from wingline.site import SiteFile


@dataclass(frozen=True, slots=True)
class Known:
    """What the site is made of, by name: in the file, or in the database."""

    wings: frozenset[str]
    cells: frozenset[str]
    listeners: frozenset[str]
    posts: frozenset[str]
    shifts: int


def in_file(site: SiteFile) -> Known:
    return Known(
        wings=frozenset(wing.letter for wing in site.wings),
        cells=frozenset(cell for wing in site.wings for cell in wing.cells),
        listeners=frozenset(listener.code_name for listener in site.listeners),
        posts=frozenset(Post(post).value for post in site.posts),
        shifts=len(site.shifts),
    )


def in_database(session: Session, site: SiteFile) -> Known:
    of_site = tables.Wing.site_id == site.id
    shifts = select(tables.Shift.id).where(tables.Shift.site_id == site.id, tables.Shift.id.like("file-%"))
    posts = session.scalars(select(tables.Phone.post).where(tables.Phone.site_id == site.id))
    return Known(
        wings=frozenset(session.scalars(select(tables.Wing.letter).where(of_site))),
        cells=frozenset(session.scalars(select(tables.Cell.location).join(tables.Wing).where(of_site))),
        listeners=frozenset(
            session.scalars(select(tables.Listener.code_name).where(tables.Listener.site_id == site.id))
        ),
        posts=frozenset(post for post in posts if post),
        shifts=len(session.scalars(shifts).all()),
    )


NOTHING = Known(frozenset(), frozenset(), frozenset(), frozenset(), 0)


def changes(before: Known, after: Known) -> Iterator[str]:
    """A sentence for each."""
    for kind, was, will in (
        ("wings", before.wings, after.wings),
        ("cells, each with a phone of its own", before.cells, after.cells),
        ("Listeners", before.listeners, after.listeners),
        ("staff posts", before.posts, after.posts),
    ):
        if new := will - was:
            yield f"adds {len(new)} {kind}: {_names(new)}"
        if gone := was - will:
            yield f"leaves {len(gone)} {kind} that are no longer in the file as they are: {_names(gone)}"
    if before.shifts or after.shifts:
        yield f"has {after.shifts} shifts for {before.shifts}: new ones are written, missing ones go, all others stay"


def _names(names: Iterable[str], most: int = 8) -> str:
    known = sorted(names)
    return ", ".join(known[:most]) + (", …" if len(known) > most else "")
