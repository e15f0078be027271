"""What was written on a page of set-up: a part of the site, or what is wrong with which field."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.complaints import REQUIRED, Body, Reached
from console.language import _
from console.set_up.edits import CODES, ComplaintsEdit, PostsEdit, SiteEdit, WingsEdit
from console.set_up.ports import SiteSaid
from console.set_up.wings_file import as_csv, read_wings
from listeners.csv_file import BadFile
from models.errors import AskersFault
from models.words import Language, Post

# By the name of a field; a field of boxes has several values.
Values = Mapping[str, Sequence[str]]

LONGEST_NAME = 80


class WrongFields(AskersFault):
    """``fields``: what to do, by the field that it is about."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = fields


def first(values: Values, field: str) -> str:
    return next(iter(values.get(field, ())), "").strip()


# ---- the site


def site_values(said: SiteSaid) -> Values:
    return {
        "name": [said.name],
        "zone": [said.zone],
        "language": [said.language],
        **{code: [said.codes[code]] for code in CODES},
    }


def site_edit(values: Values) -> SiteEdit:
    name, zone = first(values, "name"), first(values, "zone")
    wrong: dict[str, str] = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        wrong["name"] = _("Write the name of the prison, with at most %(count)s letters", count=LONGEST_NAME)
    if not _is_zone(zone):
        wrong["zone"] = _("Write a time zone as Europe/London or Europe/Dublin")
    for code in CODES:
        written = first(values, code)
        if not (written.isascii() and written.isdigit() and 3 <= len(written) <= 6):
            wrong[code] = _("Write three to six digits")
        elif any(first(values, other) == written for other in CODES[: CODES.index(code)]):
            wrong[code] = _("Another code has these digits; choose others")
    if wrong:
        raise WrongFields(wrong)
    return SiteEdit(name, zone, Language(first(values, "language")), {code: first(values, code) for code in CODES})


def _is_zone(zone: str) -> bool:
    try:
        return bool(ZoneInfo(zone).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


# ---- wings and their cells


def wings_values(said: SiteSaid) -> Values:
    return {"text": [as_csv(said.wings)]}


def wings_edit(values: Values) -> WingsEdit:
    try:
        read = read_wings(next(iter(values.get("text", ())), ""))
    except BadFile as fault:
        raise WrongFields({"text": f"T{str(fault)[1:]}"}) from fault
    if read.wrong:
        # Each row has a line of its own at the top of the page.
        raise WrongFields(
            {
                f"text-row-{n}": _("Row %(row)s, %(advice)s", row=one.row, advice=one.advice)
                for n, one in enumerate(read.wrong)
            }
        )
    if not read.wings:
        raise WrongFields({"text": _("Write at least one wing with one cell")})
    return WingsEdit(read.wings)


# ---- staff posts


def posts_values(said: SiteSaid) -> Values:
    return {"posts": [post.value for post in said.posts]}


def posts_edit(values: Values) -> PostsEdit:
    chosen = values.get("posts", ())
    posts = [post for post in Post if post.value in chosen]
    if not posts:
        raise WrongFields({"posts": _("Choose at least one post: somebody must be told")})
    return PostsEdit(posts)


# ---- whom one can complain to


def complaints_values(said: SiteSaid) -> Values:
    known = {one.body: one for one in said.complaints}
    values: dict[str, Sequence[str]] = {}
    for body in Body:
        one = known.get(body, Reached(body, ""))
        values |= {f"{body}-name": [one.name], f"{body}-address": [one.address], f"{body}-phone": [one.phone]}
    return values


def complaints_edit(values: Values) -> ComplaintsEdit:
    wrong: dict[str, str] = {}
    reached = []
    for body in Body:
        one = Reached(body, *(first(values, f"{body}-{field}") for field in ("name", "address", "phone")))
        if body not in REQUIRED and not (one.name or one.address or one.phone):
            continue
        if len(one.name) < 3:
            wrong[f"{body}-name"] = _("Write who they are, as people here know them")
        if not one.address and not one.phone:
            wrong[f"{body}-address"] = _("Write an address, or a telephone number below")
        reached.append(one)
    if wrong:
        raise WrongFields(wrong)
    return ComplaintsEdit(reached)
