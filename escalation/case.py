"""An escalation between two events: how it stands, what can happen to it, and what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from escalation.profile import Protocol
from models.words import Instant, Outcome, PhoneId, Post, TellingEnd

# Whoever decides is rung once in so long until they have, or their time is over; an engaged phone would be without end.
ASKED_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Case:
    """One escalation as its rows say it is: ``being_told`` are the phones with an open telling, and their posts.

    ``acknowledged_at`` is the first acknowledgement of this round, ``posts`` are whoever has acknowledged in it. While
    ``deciding``, only whoever decides is being told, and nobody knows where the caller is; ``step_ends_at`` is the end
    of their time, and ``round`` counts the turns of ``ASKED_EVERY`` in it.
    """

    protocol: Protocol
    step: int = 0
    round: int = 0
    # The end of the step; after somebody has spoken to the person, the time at which they are reminded to close.
    step_ends_at: Instant | None = None
    being_told: Mapping[PhoneId, Post] = field(default_factory=dict)
    deciding: bool = False
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    posts: tuple[Post, ...] = ()
    at_door_at: Instant | None = None
    at_door_by: str | None = None
    spoken_at: Instant | None = None
    spoken_by: str | None = None
    closed_at: Instant | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None

    @property
    def complete(self) -> bool:
        """Everybody who has to acknowledge has done so."""
        return self.acknowledged_at is not None and not self.wanting

    @property
    def wanting(self) -> tuple[tuple[Post, ...], ...]:
        """The groups of posts from which nobody has acknowledged yet."""
        return tuple(group for group in self.protocol.acknowledge if not set(group) & set(self.posts))

    @property
    def settled(self) -> bool:
        """Nobody more is told: all who must have acknowledged, or somebody has spoken to the person."""
        return self.complete or self.spoken_at is not None

    def wants(self, post: Post) -> bool:
        """Whether somebody of this post has yet to say that they are going."""
        return not self.settled and self.lacks(post)

    def lacks(self, post: Post) -> bool:
        """Nobody of the post has acknowledged, nor anybody else of its group."""
        groups = [group for group in self.protocol.acknowledge if post in group]
        return post not in self.posts and (not groups or any(group in self.wanting for group in groups))

    @property
    def at_last_step(self) -> bool:
        return self.step == len(self.protocol.steps) - 1

    def nobody_going(self) -> "Case":
        """The same, and whoever went does not any more."""
        return replace(
            self, acknowledged_at=None, acknowledged_by=None, posts=(), at_door_at=None, at_door_by=None,
            spoken_at=None, spoken_by=None,
        )  # fmt: skip

    def asked_later(self, now: Instant) -> "Case":
        """The same, and whoever decides is rung again at the next turn."""
        if self._asked_at is None:
            return self
        return replace(self, round=max(1, (now - self._asked_at) // ASKED_EVERY + 1))

    @property
    def asked_again_at(self) -> Instant | None:
        """When whoever decides is rung again; None while they are being told, for the first time too."""
        if self._asked_at is None or self.being_told or self.round == 0:
            return None
        return self._asked_at + self.round * ASKED_EVERY

    @property
    def _asked_at(self) -> Instant | None:
        deciding = self.protocol.decided_by if self.deciding else None
        if deciding is None or self.step_ends_at is None:
            return None
        return self.step_ends_at - timedelta(seconds=deciding.seconds)

    @property
    def back_at(self) -> Instant | None:
        """When it comes back although somebody is going: not at the door, or not spoken to, in time."""
        if self.acknowledged_at is None or self.spoken_at is not None:
            return None
        within = self.protocol.spoken_within if self.at_door_at else self.protocol.door_within
        return self.acknowledged_at + timedelta(seconds=within)

    @property
    def due_at(self) -> Instant | None:
        """The first time at which something must happen; None when it is closed."""
        if self.closed_at is not None:
            return None
        going = self.complete and self.spoken_at is None
        times = (self.back_at, self.asked_again_at, None if going else self.step_ends_at)
        return min((time for time in times if time is not None), default=None)


@dataclass(frozen=True, slots=True)
class Raised:
    """It begins."""


@dataclass(frozen=True, slots=True)
class MadeGraver:
    """The same caller's second danger is graver than the one that staff were told, or comes after they had spoken."""

    protocol: Protocol


@dataclass(frozen=True, slots=True)
class Due:
    """The tick found that its time has come."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The node that rang has died; whoever was being told is not any more. ``posts``: whose phones these were."""

    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldWithAnother:
    """Somebody was asked about it first, and staff are told of the caller now by another escalation, without that."""


@dataclass(frozen=True, slots=True)
class NobodyReachable:
    """No phone of this step could be rung."""


@dataclass(frozen=True, slots=True)
class TellingEnded:
    phone: PhoneId
    post: Post
    end: TellingEnd


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Without a post it counts for whoever is still wanted."""

    by: str
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class AtDoor:
    by: str
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Somebody has spoken to the person. Nobody more needs to come; what happened is said when it is closed."""

    by: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Whoever was going cannot go on; it begins again with others."""

    by: str


@dataclass(frozen=True, slots=True)
class Closed:
    """``spoken`` is the answer to "has somebody spoken to the person?"; without a yes it climbs again."""

    by: str
    spoken: bool
    outcome: Outcome | None = None


Event = (
    Raised
    | MadeGraver
    | Due
    | Restarted
    | ToldWithAnother
    | NobodyReachable
    | TellingEnded
    | Acknowledged
    | AtDoor
    | Spoken
    | HandedOver
    | Closed
)
# What staff do who are told of it, on their line or on the console.
ByStaff = Acknowledged | AtDoor | Spoken | HandedOver


class Warn(StrEnum):
    """What the console must show at once."""

    NOBODY_LEFT = "nobody_left"
    CAME_BACK = "came_back"
    NOT_CLOSED = "not_closed"


@dataclass(frozen=True, slots=True)
class Tell:
    """Ring every phone of this post that is not being told already."""

    post: Post
    step: int
    round: int


@dataclass(frozen=True, slots=True)
class StopTelling:
    """Whoever is still being told need not be; None is everybody."""

    posts: frozenset[Post] | None = None


@dataclass(frozen=True, slots=True)
class OpenLocation:
    """Where the caller is may be read now, and not before: whoever decides has said yes."""


@dataclass(frozen=True, slots=True)
class WarnConsole:
    why: Warn


Command = Tell | StopTelling | OpenLocation | WarnConsole
