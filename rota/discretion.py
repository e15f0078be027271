"""What a coordinator learns of the rules: that somebody cannot be placed, and never who is kept apart from whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.words import ListenerId
from rota.checks import Broken
from rota.problem import Problem
from rota.rules import Rule

# One word for what nobody is to learn (keep-apart rules; domain.md 5.3, L2) and for what is somebody's own (worship,
# work), so that the word does not give either away.
NOT_POSSIBLE = "not_possible"
_UNSAID = frozenset({Rule.KEPT_APART, Rule.NEVER_THEN})


def said(rule: Rule) -> str:
    return NOT_POSSIBLE if rule in _UNSAID else rule.value


def in_the_way_said(in_the_way: Mapping[Rule, Sequence[ListenerId]]) -> Mapping[str, tuple[ListenerId, ...]]:
    """Rules that are said by the same word are one."""
    found: dict[str, set[ListenerId]] = {}
    for rule, listeners in in_the_way.items():
        found.setdefault(said(rule), set()).update(listeners)
    return {word: tuple(sorted(listeners)) for word, listeners in found.items()}


def one_of_each_pair(problem: Problem, wrong: Iterable[Broken]) -> Iterator[Broken]:
    """Of two who are kept apart one has to change, and the other is not named."""
    named: list[Broken] = []
    for one in wrong:
        if one.rule is Rule.KEPT_APART:
            if any({one.listener, other.listener} in problem.apart for other in named):
                continue
            named.append(one)
        yield one
