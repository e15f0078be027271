"""A site file with one part changed, and everything else as people wrote it, comments and all."""

from typing import Any, assert_never

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Table

from console.complaints import Reached
from console.set_up.edits import ComplaintsEdit, Edit, PostsEdit, SiteEdit, WingSaid, WingsEdit
from models.errors import BadSite
from wingline.site import SitePart

# More than this many cells stand one below the other.
IN_A_LINE = 8


def edited(text: str, edit: Edit) -> str:
    """BadSite when the file is no TOML; whether the result is a site is for who reads it."""
    try:
        document = tomlkit.parse(text)
    except tomlkit.exceptions.TOMLKitError as error:
        raise BadSite("site.toml", f"this is not TOML: {error}") from error
    match edit:
        case SiteEdit():
            _site(document, edit)
        case WingsEdit(wings):
            _replace(document, "wings", [_wing(wing) for wing in wings])
        case PostsEdit(posts):
            document["posts"] = [post.value for post in posts]
        case ComplaintsEdit(reached):
            _replace(document, "complaints", [_complaint(one) for one in reached])
        case _:
            assert_never(edit)
    return tomlkit.dumps(document)


def _site(document: TOMLDocument, edit: SiteEdit) -> None:
    """Only what differs is written: a code that is as it is by itself stays out of the file."""
    site: Any = document["site"]
    for key, value in {"name": edit.name, "zone": edit.zone, "language": edit.language, **edit.codes}.items():
        if key in site:
            if site[key] != value:
                site[key] = value
        elif value != SitePart.model_fields[key].default:
            site.add(key, value)


def _replace(document: TOMLDocument, name: str, tables: list[Table]) -> None:
    if not tables:
        document.pop(name, None)
        return
    # An empty line before what follows them.
    tables[-1].add(tomlkit.nl())
    array = AoT(tables)
    if name in document:
        document[name] = array
    else:
        document.append(name, array)


def _wing(wing: WingSaid) -> Table:
    table = tomlkit.table()
    table.add("letter", wing.letter)
    table.add("name", wing.name)
    if wing.backup:
        table.add("backup", wing.backup)
    cells = tomlkit.array()
    cells.extend(wing.cells)
    table.add("cells", cells.multiline(multiline=len(wing.cells) > IN_A_LINE))
    return table


def _complaint(one: Reached) -> Table:
    table = tomlkit.table()
    table.add("to", one.body.value)
    table.add("name", one.name)
    if one.address:
        table.add("address", one.address)
    if one.phone:
        table.add("phone", one.phone)
    return table
