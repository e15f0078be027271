"""What will happen in a run: who calls and does what, and what breaks when; from the seed and nothing else."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random

from models.errors import AskersFault
from models.words import Post
from wingline.chaos.kinds import ON_ONE_MACHINE, FaultKind

# Callers at once, each in a cell of their own.
LANES = 4
LISTENERS = ("Kestrel", "Heron", "Wren", "Linnet", "Plover")
OUTSIDE = "outside"
STAFF = (Post.HEALTHCARE, Post.CONTROL_ROOM, Post.ORDERLY_OFFICER, Post.DUTY_OFFICE)
KEYS = "0123456789*#"
# In seconds. A round is one call in each lane.
ROUND = 42.0
LONGEST_STAY = 50.0
FIRST_FAULT, BETWEEN_FAULTS = 5.0, 4.0
LONGEST_FAULT = 10.0
# Sound alone may be away for longer than people bear it, and for longer than a call is looked at (people.py).
SHORTEST_CUT, LONGEST_CUT = 3.0, 20.0
RINGS_PLANNED = 12
MOST_CALLS = 2000


class BadPlan(AskersFault):
    def __init__(self, what: str) -> None:
        super().__init__(f"no such run: {what}.\n  What to do: wingline chaos --seed 7 --calls 6 --json")


@dataclass(frozen=True, slots=True)
class Press:
    """Keys, so many seconds after the call was answered."""

    after: float
    keys: str


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One caller. ``begins`` is since the beginning of the run, ``stays`` since the call was answered."""

    number: int
    lane: int
    begins: float
    stays: float
    presses: tuple[Press, ...]
    # When the opening is over: language and notice answered by a key, or left to silence.
    through: float
    canary: bool = False


@dataclass(frozen=True, slots=True)
class RingPlan:
    """What somebody does when their phone rings; None: lets it ring, or stays until the other hangs up."""

    answers_after: float | None
    presses: tuple[Press, ...] = ()
    hangs_up_after: float | None = None
    declines: bool = False


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A Listener, a post of staff, or the outside helpline; ``rings`` begin again when they are over."""

    who: str
    rings: tuple[RingPlan, ...]


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """``which``: of those whom it can hit, counted round and round."""

    kind: FaultKind
    at: float
    lasts: float
    which: int


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    calls: tuple[CallPlan, ...]
    listeners: tuple[PersonPlan, ...]
    staff: tuple[PersonPlan, ...]
    faults: tuple[FaultPlan, ...]

    @property
    def plays(self) -> float:
        """Until the last caller has hung up, when nothing delays them."""
        return max(call.begins + call.stays for call in self.calls)

    def with_only(self, kinds: Collection[str]) -> "Plan":
        """The same people at the same times, and of the faults these."""
        known = _known(kinds)
        return replace(self, faults=tuple(fault for fault in self.faults if fault.kind in known))

    def with_instead(self, kinds: Collection[str]) -> "Plan":
        """The same people, and at the times of the planned faults these, in turn."""
        known = _known(kinds)
        turns = zip(self.faults, cycle(known), strict=False)
        return replace(self, faults=tuple(replace(fault, kind=kind) for fault, kind in turns))


def _known(kinds: Collection[str]) -> Sequence[FaultKind]:
    unknown = set(kinds) - {kind.value for kind in ON_ONE_MACHINE}
    if unknown:
        raise BadPlan(f"there is no fault {', '.join(sorted(unknown))}; there are {', '.join(ON_ONE_MACHINE)}")
    return [kind for kind in ON_ONE_MACHINE if kind in kinds]


def plan(seed: int, calls: int, kinds: Sequence[FaultKind] = ON_ONE_MACHINE, faults: int = 0) -> Plan:
    """The same for the same arguments, on every machine. ``faults``: how many, or one for each call."""
    if not 1 <= calls <= MOST_CALLS:
        raise BadPlan(f"--calls is {calls}, and has to be 1 to {MOST_CALLS}")
    if seed < 0:
        raise BadPlan(f"--seed is {seed}, and has to be 0 or more")
    rng = Random(f"wingline chaos {seed} {calls}")  # noqa: S311  chance that can be repeated, not a secret
    canary = rng.randrange(calls)
    callers = tuple(_caller(rng, number, canary=number == canary) for number in range(calls))
    ends = max(call.begins + call.stays for call in callers)
    return Plan(
        seed,
        callers,
        tuple(PersonPlan(who, _rings(rng, _listener_rung)) for who in LISTENERS),
        tuple(PersonPlan(who, _rings(rng, _staff_rung)) for who in (*STAFF, OUTSIDE)),
        tuple(_faults(rng, kinds, faults or calls, until=ends - BETWEEN_FAULTS)),
    )


# ---- callers


def _caller(rng: Random, number: int, *, canary: bool) -> CallPlan:
    begins = _tenth(number // LANES * ROUND + rng.uniform(0, 6))
    kind = "talks" if canary else rng.choices(("talks", "asks", "gives up", "silent", "mashes"), (10, 8, 3, 2, 2))[0]
    answers = _opening(rng, consents=canary or rng.random() < 0.4)
    through = answers[-1].after + 1
    presses: tuple[Press, ...] = answers
    stays = rng.uniform(28, 44)
    match kind:
        case "asks":
            asks = Press(_tenth(rng.uniform(5, 22)), rng.choice(("0", "0", "00", "02")))
            presses, stays = (*answers, asks), rng.uniform(32, 46)
            through = max(through, asks.after + 18) if asks.after < through + 3 else through
        case "gives up":
            stays = rng.uniform(1.5, 20)
        case "silent":
            presses, stays, through = (), rng.uniform(44, LONGEST_STAY), 22.0
        case "mashes":
            presses = tuple(_mash(rng, since=0.5, until=9, most=12))
            stays, through = rng.uniform(42, LONGEST_STAY), presses[-1].after + 24
    return CallPlan(number, number % LANES, begins, _tenth(stays), presses, _tenth(through), canary)


def _opening(rng: Random, *, consents: bool) -> tuple[Press, Press]:
    language = _tenth(rng.uniform(0.8, 3))
    return Press(language, "1"), Press(_tenth(language + rng.uniform(1.2, 5)), "1" if consents else "2")


def _mash(rng: Random, *, since: float, until: float, most: int) -> Iterator[Press]:
    times = sorted(_tenth(rng.uniform(since, until)) for _ in range(rng.randint(3, most)))
    return (Press(at, rng.choice(KEYS)) for at in times)


# ---- who is rung


def _rings(rng: Random, one: "Rung") -> tuple[RingPlan, ...]:
    return tuple(one(rng) for _ in range(RINGS_PLANNED))


class Rung:
    """How one kind of people takes rings: how often each way, of 100."""

    def __init__(self, **ways: int) -> None:
        self._ways = ways

    def __call__(self, rng: Random) -> RingPlan:
        way = rng.choices(list(self._ways), list(self._ways.values()))[0]
        answers, key = _tenth(rng.uniform(0.4, 3.5)), _tenth(rng.uniform(1, 4))
        match way:
            case "ignores":
                return RingPlan(None)
            case "declines":
                return RingPlan(answers, declines=True)
            case "drops":
                return RingPlan(answers, hangs_up_after=key)
            case "mashes":
                return RingPlan(answers, tuple(_mash(rng, since=0.5, until=12, most=10)), _tenth(rng.uniform(13, 25)))
            case "passes":
                return RingPlan(answers, (Press(key, "2"),))
            case "cannot_go":
                return RingPlan(answers, (Press(_tenth(rng.uniform(4, 12)), "3"),), 22.0)
            case "goes":
                return RingPlan(answers, (Press(_tenth(rng.uniform(3, 12)), "1"),), _tenth(rng.uniform(16, 24)))
            case _:
                hangs_up = _tenth(rng.uniform(14, 34)) if rng.random() < 0.5 else None
                return RingPlan(answers, (Press(key, "1"), *_in_the_talk(rng)), hangs_up)


_listener_rung = Rung(takes=74, passes=8, ignores=6, declines=4, drops=4, mashes=4)
_staff_rung = Rung(goes=62, cannot_go=12, ignores=8, declines=4, drops=6, mashes=8)
# A Listener's star keys, the one that asks and the one that answers (ivr/call.py).
_STAR_KEYS = (*("*31", "*21") * 4, "*32", "*33", "*11", "*41", "*51", "*61", "*3", "*9", "*30")


def _in_the_talk(rng: Random) -> Iterator[Press]:
    if rng.random() < 0.9:
        yield Press(_tenth(rng.uniform(6, 13)), rng.choice(_STAR_KEYS))
    if rng.random() < 0.3:
        yield Press(_tenth(rng.uniform(15, 24)), rng.choice(_STAR_KEYS))


# ---- what breaks


def _faults(rng: Random, kinds: Sequence[FaultKind], most: int, *, until: float) -> Iterator[FaultPlan]:
    """Each kind comes before any comes again."""
    dealt = _dealt(rng, kinds)
    count = max(2, most)
    pause = max(1.0, (until - FIRST_FAULT) / count - BETWEEN_FAULTS)
    at = FIRST_FAULT + rng.uniform(0, pause)
    for _ in range(count):
        if at > until:
            return
        kind = next(dealt)
        lasts = (SHORTEST_CUT, LONGEST_CUT) if kind is FaultKind.RTP_LOST else (1.5, LONGEST_FAULT)
        yield FaultPlan(kind, _tenth(at), _tenth(rng.uniform(*lasts)), rng.randrange(1000))
        at += BETWEEN_FAULTS + rng.uniform(0, 2 * pause)


def _dealt(rng: Random, kinds: Sequence[FaultKind]) -> Iterator[FaultKind]:
    while True:
        yield from rng.sample(kinds, len(kinds))


def _tenth(seconds: float) -> float:
    """A plan that people can read."""
    return round(seconds, 1)
