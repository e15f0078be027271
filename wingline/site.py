"""A prison in one file: wings, cells, Listeners, rota and staff posts, read and checked."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from escalation.profile import Profile
from escalation.profile_file import load
from models.errors import BadSite
from models.words import Cover, Post, SiteId
from rota.pattern_part import PatternPart
from rota.rules import Limits
from rota.scheme import Scheme
from wingline.backup_part import BackupsPart
from wingline.complaints_part import ComplaintPart, complaint_complaints
from wingline.contacts_part import ContactPart, MailPart, contact_complaints
from wingline.directory_part import DirectoryPart, directory_complaints
from wingline.phones_part import PhonesPart, phones_complaints
from wingline.rehearsal_parts import DrillsPart, NightlyPart
from wingline.traces_part import TracesPart, traces_complaints

Seats = Annotated[int, Field(ge=0, le=20)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WingPart(_Part):
    letter: Annotated[str, Field(pattern="^[A-Z]$")]
    name: str
    backup: str | None = None
    cells: Annotated[list[str], Field(min_length=1)]


class ListenerPart(_Part):
    code_name: str
    cell: str
    languages: list[str] = ["en"]
    certified_from: date
    certified_until: date
    experienced: bool = False


class ShiftPart(_Part):
    """Local times; a shift that ends before it starts goes over midnight."""

    listener: str
    cover: Cover
    on: date
    starts: time
    ends: time


class SitePattern(PatternPart):
    """What `wingline rota generate` fills; every seat is said."""

    first: Seats
    backup: Seats
    experienced: Seats


class RotaPart(_Part):
    """What nothing settles for Listeners, and the scheme must: each key is required but the rest of 11 hours."""

    nights_in_a_row: Annotated[int, Field(ge=1, le=31)]
    weekly_minutes: Annotated[int, Field(ge=0)]
    new_days: Annotated[int, Field(ge=0)]
    swaps_approved_by: Literal["rule", "coordinator"]
    rest_hours: Annotated[float, Field(ge=0, le=48)] = 11
    night_starts: time = time(20)
    night_ends: time = time(8)


class KeepApartPart(_Part):
    """Whether a caller's own wing is kept apart from them, besides cell mates and the pairs that are imported."""

    same_wing_too: bool


class PeoplePart(_Part):
    """The prison's own list of who lives where (docs/site-example.toml); without it staff are told the place alone."""

    file: Path


class TrunkPart(_Part):
    number: Annotated[str, Field(pattern="^[0-9+]{3,15}$")]
    contact: str | None = None
    # SIP over TLS and SRTP; a site whose phones must have them says so of its trunk too.
    secure: bool = False


class SitePart(_Part):
    id: Annotated[str, Field(pattern="^[a-z0-9-]{2,20}$")]
    name: str
    zone: str
    language: str
    short_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "100"
    duty_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "101"
    own_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "200"
    wait_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "201"
    kept_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "102"
    staff_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "300"
    profile: str

    @property
    def profile_name(self) -> str:
        """As its row says it: of a file of the site's own its name, which may be long, and never where it lies."""
        return PurePath(self.profile).stem[:40]


class SiteFile(_Part):
    site: SitePart
    choices: dict[str, Any]
    trunk: TrunkPart
    wings: Annotated[list[WingPart], Field(min_length=1)]
    listeners: list[ListenerPart]
    posts: Annotated[list[Post], Field(min_length=1)]
    shifts: list[ShiftPart] = []
    patterns: list[SitePattern] = []
    rota: RotaPart | None = None
    keep_apart: KeepApartPart | None = None
    people: PeoplePart | None = None
    contacts: list[ContactPart] = []
    complaints: list[ComplaintPart] = []
    mail: MailPart | None = None
    drills: DrillsPart | None = None
    nightly: NightlyPart | None = None
    oidc: DirectoryPart | None = None
    phones: PhonesPart = PhonesPart()
    backups: BackupsPart | None = None
    traces: TracesPart | None = None

    @property
    def id(self) -> SiteId:
        return SiteId(self.site.id)

    def profile(self) -> Profile:
        return load(self.site.profile, self.choices)

    def scheme(self) -> Scheme:
        """BadSite when the site has settled nothing for its rota yet."""
        settled = self.scheme_if_settled()
        if settled is None:
            raise BadSite("", "add [rota] and at least one [[patterns]], like docs/site-example.toml")
        return settled

    @property
    def trunk_is_secure(self) -> bool:
        """A phone that stands in for the trunk is a phone like the others."""
        return self.trunk.secure or (self.phones.all_secure and self.trunk.contact is None)

    @property
    def places(self) -> list[str]:
        """Each cell and post: wherever a phone is."""
        return [*(cell for wing in self.wings for cell in wing.cells), *self.posts]

    @property
    def only_itself_is_plain(self) -> bool:
        """The line's own phones alone speak SIP over UDP, on this machine."""
        return self.trunk_is_secure and all(self.phones.is_secure(place) for place in self.places)

    @property
    def swaps_by_rule(self) -> bool:
        return self.rota is not None and self.rota.swaps_approved_by == "rule"

    @property
    def same_wing_too(self) -> bool:
        return self.keep_apart is not None and self.keep_apart.same_wing_too

    def scheme_if_settled(self) -> Scheme | None:
        if self.rota is None or not self.patterns:
            return None
        return Scheme(
            patterns=[one.pattern() for one in self.patterns],
            limits=Limits(
                nights_in_a_row=self.rota.nights_in_a_row,
                weekly_minutes=self.rota.weekly_minutes,
                rest=timedelta(hours=self.rota.rest_hours),
                night=(self.rota.night_starts, self.rota.night_ends),
            ),
            new_for=timedelta(days=self.rota.new_days),
        )


def read_site(path: Path) -> SiteFile:
    """BadSite says what to change in which line of the file's own words."""
    if not path.exists():
        raise BadSite(str(path), "there is no such file; write one like docs/site-example.toml")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSite(path.name, f"this is no text in UTF-8 that can be read ({type(error).__name__})") from error
    return checked_site(text, path.name)


def checked_site(text: str, name: str) -> SiteFile:
    """The same, of what may become a site file."""
    try:
        site = SiteFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadSite(name, f"this is not TOML: {error}") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        raise BadSite(name, "change this:\n" + "\n".join(wrong)) from error
    complaints = list(_complaints(site))
    if complaints:
        raise BadSite(name, "change this:\n" + "\n".join(complaints))
    site.profile()
    return site


def _complaints(site: SiteFile) -> Iterator[str]:
    try:
        ZoneInfo(site.site.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"site.zone: there is no zone {site.site.zone[:40]!r}; Europe/London is one"
    of = site.site
    codes = [of.short_code, of.duty_code, of.own_code, of.wait_code, of.kept_code, of.staff_code]
    if len(codes) != len(set(codes)):
        yield "site: short_code, duty_code, own_code, wait_code, kept_code and staff_code must differ from each other"
    cells = [cell for wing in site.wings for cell in wing.cells]
    if len(cells) != len(set(cells)):
        yield "wings: a cell is named twice"
    letters = {wing.letter for wing in site.wings}
    for wing in site.wings:
        if wing.backup and wing.backup not in letters:
            yield f"wings.{wing.letter}.backup: there is no wing {wing.backup}"
    names = [listener.code_name for listener in site.listeners]
    if len(names) != len(set(names)):
        yield "listeners: a code name is used twice"
    for listener in site.listeners:
        if listener.cell not in cells:
            yield f"listeners.{listener.code_name}.cell: there is no cell {listener.cell}"
    for shift in site.shifts:
        if shift.listener not in names:
            yield f"shifts: there is no Listener {shift.listener}"
    yield from _at_once(site.shifts)
    if site.patterns and site.rota is None:
        yield "rota: with patterns there must be a part [rota], like in docs/site-example.toml"
    for pattern in site.patterns:
        if pattern.wing and pattern.wing not in letters:
            yield f"patterns.{pattern.name}.wing: there is no wing {pattern.wing}"
        if pattern.experienced > pattern.first + pattern.backup:
            yield f"patterns.{pattern.name}: more experienced Listeners than seats"
    patterns = [pattern.name for pattern in site.patterns]
    if len(patterns) != len(set(patterns)):
        yield "patterns: a name is used twice"
    yield from contact_complaints(site.contacts, site.mail, site.posts)
    yield from complaint_complaints(site.complaints)
    yield from directory_complaints(site.oidc)
    yield from phones_complaints(site.phones, [*cells, *site.posts])
    yield from traces_complaints(site.traces)


def _at_once(shifts: Sequence[ShiftPart]) -> Iterator[str]:
    """Nobody is on two shifts at once; the database would not have it either."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for shift in sorted(shifts, key=lambda shift: (shift.on, shift.starts)):
        begins, ends = (datetime.combine(shift.on, clock) for clock in (shift.starts, shift.ends))
        ends += timedelta(days=1) if ends <= begins else timedelta()
        if any(begins < other[1] and other[0] < ends for other in spans.setdefault(shift.listener, [])):
            yield f"shifts: {shift.listener} is on two shifts at once on {shift.on}"
        spans[shift.listener].append((begins, ends))
