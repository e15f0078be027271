"""What there is to do before a prison may rely on its line, and what of it is done. Pure."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from console.complaints import REQUIRED
from console.drills_wording import came_of
from console.health.store import PhoneHere
from console.language import _, n_
from console.set_up.ports import SiteSaid
from console.wording import POSTS
from escalation.nightly import Nightly
from escalation.profile import Profile
from models.words import PhoneId, Post


@dataclass(frozen=True, slots=True)
class Step:
    """``path``: where it is done, on this console; else ``says`` tells where."""

    title: str
    done: bool
    says: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``signed``: a version of the profile that governor and scheme partner have signed is in force."""

    site: SiteSaid
    phones: Sequence[PhoneHere]
    unreachable: AbstractSet[PhoneId]
    profile: Profile
    signed: bool
    own_recordings: int
    prompts_missing: int
    last_night: Nightly | None


def steps(facts: Facts) -> Iterator[Step]:
    """In the order in which they are done."""
    site = facts.site
    cells = sum(len(wing.cells) for wing in site.wings)
    dialled = _("%(name)s. Callers dial %(code)s.", name=site.name, code=site.codes["short_code"])
    yield Step(_("The prison and its codes"), True, dialled, "site")
    wings = n_("%(count)s wing", "%(count)s wings", len(site.wings))
    yield Step(_("Wings and cells"), cells > 0, f"{wings}, {n_('%(count)s cell', '%(count)s cells', cells)}.", "wings")
    yield _posts(facts)
    yield _phones(facts)
    yield _prompts(facts)
    yield _complaints(facts)
    yield Step(
        _("The profile: who may be told what"),
        facts.signed,
        _("%(title)s. Governor and scheme partner have signed it.", title=facts.profile.title)
        if facts.signed
        else _(
            "%(title)s. Nobody has signed it: governor and scheme partner do, on their page Profile.",
            title=facts.profile.title,
        ),
    )
    yield _tested(facts)


def posts_without_phone(profile: Profile, posts: AbstractSet[Post]) -> Sequence[Post]:
    """Posts that a rule of the profile rings and that this prison has no phone for."""
    rung = {post for protocol in profile.protocols.values() for step in protocol.steps for post in step.posts}
    return [post for post in Post if post in rung - posts]


def _posts(facts: Facts) -> Step:
    missing = posts_without_phone(facts.profile, set(facts.site.posts))
    says = f"{n_('%(count)s post', '%(count)s posts', len(facts.site.posts))}: {_named(facts.site.posts)}."
    if missing:
        says += " " + _("The profile rings posts that have no phone here: %(posts)s.", posts=_named(missing))
    return Step(_("Staff posts"), not missing, says, "posts")


def _phones(facts: Facts) -> Step:
    away = sum(one.id in facts.unreachable for one in facts.phones)
    says = _("%(some)s of %(all)s are registered.", some=len(facts.phones) - away, all=len(facts.phones))
    if away:
        says += " " + _(
            "What to type into each stands on the machine of the line: wingline site phones. Passwords of phones are "
            "not shown here. Which are away: see Health."
        )
    return Step(_("Phones"), not away, says)


def _prompts(facts: Facts) -> Step:
    says = n_(
        "The site has recorded %(count)s prompt; the others are spoken by a machine.",
        "The site has recorded %(count)s prompts; the others are spoken by a machine.",
        facts.own_recordings,
    )
    if facts.prompts_missing:
        says += " " + n_(
            "%(count)s prompt cannot be played: stop and start the line.",
            "%(count)s prompts cannot be played: stop and start the line.",
            facts.prompts_missing,
        )
    return Step(_("Prompts"), not facts.prompts_missing and facts.own_recordings > 0, says, "prompts")


def _complaints(facts: Facts) -> Step:
    known = {one.body for one in facts.site.complaints}
    done = known >= set(REQUIRED)
    says = _("They stand on the page What is kept.") if done else _("Nobody is told yet how to reach them.")
    return Step(_("Whom people can complain to"), done, says, "complaints")


def _tested(facts: Facts) -> Step:
    night = facts.last_night
    if night is None:
        says = _("Ring a phone here. The line's nightly call to itself, which tries everything, has not been made yet.")
    elif night.broken:
        says = _("The line's last call to itself was %(night)s.", night=came_of(night))
    else:
        says = _("The line's last call to itself held from the first key to the last. Ring a phone here.")
    return Step(
        _("Test call"), night is not None and night.ended_at is not None and not night.broken, says, "test-call"
    )


def _named(posts: Sequence[Post]) -> str:
    return ", ".join(POSTS[post] for post in posts)
