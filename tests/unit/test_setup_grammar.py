"""What callers say, mixed into the first recogniser's grammar."""

import gzip
import itertools
from pathlib import Path

import numpy as np
import pytest

from wingline.setup.failure import SetupFailed
from wingline.setup.fst import Acceptor
from wingline.setup.grammar import (
    BEGIN,
    END,
    Grammar,
    Table,
    grammar_of,
    graph_of,
    mix,
    mix_in,
    read_arpa,
    read_words,
)

WORDS = ("i", "want", "to", "die", "go")
# As Vosk writes words.txt: 0 is no word, and the end of a sentence is one.
LISTED = ("<eps>", *WORDS, END)
# "seg" is a word that the recogniser does not know. What is not in a row is left over for all else: 1 - 0.6 of 1 - 0.2.
AFTER_TO = """\\data\\
ngram 1=7
ngram 2=2
ngram 3=0

\\1-grams:
-1.0	<unk>
-99	<s>	-0.9031
-0.69897	i
-0.69897	to	-0.30103
-0.69897	die
-99	seg
-0.52288	</s>

\\2-grams:
-0.045757	<s> i
-0.221849	to die
-99	to seg

\\3-grams:

\\end\\
"""


@pytest.fixture
def numbers(tmp_path: Path) -> dict[str, int]:
    file = tmp_path / "words.txt"
    file.write_text("".join(f"{word} {number}\n" for number, word in enumerate(LISTED)))
    return dict(read_words(file))


@pytest.fixture
def general(numbers: dict[str, int]) -> Grammar:
    """Read aloud: "i want to go", and hardly anything else."""
    base = max(numbers.values()) + 1

    def key(*words: str) -> int:
        number = 0
        for word in words:
            number = number * base + numbers[word]
        return number

    def table(shares: dict[tuple[str, ...], float]) -> Table:
        return Table.of(np.array([key(*words) for words in shares]), np.array(list(shares.values())))

    single = {("i",): 0.2, ("want",): 0.2, ("to",): 0.2, ("die",): 0.01, ("go",): 0.29, (END,): 0.1}
    pairs = {(BEGIN, "i"): 0.9, ("i", "want"): 0.8, ("want", "to"): 0.9, ("to", "go"): 0.7, ("go", END): 0.9}
    left_one = {(before,): (1 - share) / (1 - single[after,]) for (before, after), share in pairs.items()}
    threes = {("want", "to", "go"): 0.95, ("to", "go", END): 0.99}
    left_two = {(a, b): (1 - share) / (1 - pairs[b, c]) for (a, b, c), share in threes.items()}
    return Grammar(
        base, {1: table(single), 2: table(pairs), 3: table(threes)}, {1: table(left_one), 2: table(left_two)}
    )


@pytest.fixture
def callers(numbers: dict[str, int], general: Grammar, tmp_path: Path) -> Grammar:
    return read_arpa(arpa_file(tmp_path), numbers, general)


def arpa_file(folder: Path) -> Path:
    file = folder / "callers.arpa.gz"
    file.write_bytes(gzip.compress(AFTER_TO.encode()))
    return file


def keys(grammar: Grammar, numbers: dict[str, int], order: int) -> np.ndarray:
    """Every sequence of so many words that can be said: the beginning only at the front, the end only behind."""
    front = (*WORDS, BEGIN)
    found = itertools.product(*([front] * (order > 1)), *([WORDS] * (order - 2)), (*WORDS, END))
    places = grammar.base ** np.arange(order)[::-1]
    return np.array([np.dot(places, [numbers[word] for word in words]) for words in found])


@pytest.mark.parametrize("order", [2, 3])
def test_after_any_words_the_shares_of_what_may_follow_are_one(
    general: Grammar, callers: Grammar, numbers: dict[str, int], order: int
) -> None:
    mixed = mix(general, callers, 0.5)
    shares = mixed.of(keys(mixed, numbers, order), order).reshape(-1, len(WORDS) + 1)

    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-4)


def test_a_sequence_that_one_of_them_knows_has_the_mean_of_both(
    general: Grammar, callers: Grammar, numbers: dict[str, int]
) -> None:
    to_die = np.array([numbers["to"] * general.base + numbers["die"]])
    mixed = mix(general, callers, 0.25)

    assert mixed.of(to_die, 2)[0] == pytest.approx(0.75 * general.of(to_die, 2)[0] + 0.25 * 0.6, rel=1e-4)
    assert mixed.of(to_die, 2)[0] > 10 * general.of(to_die, 2)[0]


def test_without_a_share_of_the_callers_nothing_is_another(
    general: Grammar, callers: Grammar, numbers: dict[str, int]
) -> None:
    said = keys(general, numbers, 3)

    np.testing.assert_allclose(mix(general, callers, 0.0).of(said, 3), general.of(said, 3))


def test_words_that_the_recogniser_does_not_know_are_left_out(callers: Grammar, numbers: dict[str, int]) -> None:
    known = {callers.base * numbers[BEGIN] + numbers["i"], callers.base * numbers["to"] + numbers["die"]}

    assert set(callers.likely[2].keys.tolist()) == known
    # Nobody among the callers said "go": it has its part of what they leave for such words.
    assert callers.of(np.array([numbers["go"]]), 1)[0] == pytest.approx(0.1 * 0.29)


def test_a_grammar_comes_out_of_its_graph_as_it_went_in(
    general: Grammar, callers: Grammar, numbers: dict[str, int], tmp_path: Path
) -> None:
    mixed = mix(general, callers, 0.5)
    graph_of(mixed, numbers).write(tmp_path / "graph.fst")
    again = grammar_of(Acceptor.read(tmp_path / "graph.fst"), numbers)

    said = keys(mixed, numbers, 3)
    np.testing.assert_allclose(again.of(said, 3), mixed.of(said, 3), rtol=1e-5)


def test_the_arcs_of_a_state_are_sorted_by_their_word_as_openfst_needs_them(
    general: Grammar, numbers: dict[str, int], tmp_path: Path
) -> None:
    graph_of(general, numbers).write(tmp_path / "published.fst")
    (tmp_path / "words.txt").write_text("".join(f"{word} {number}\n" for number, word in enumerate(LISTED)))

    mix_in(arpa_file(tmp_path), tmp_path / "published.fst", tmp_path / "words.txt", tmp_path / "mixed.fst")

    graph = Acceptor.read(tmp_path / "mixed.fst")
    of_state = np.repeat(np.arange(graph.final.size), graph.arcs_of)
    assert list(zip(of_state, graph.word, strict=True)) == sorted(zip(of_state, graph.word, strict=True))
    assert graph.word.size > general.likely[2].keys.size


@pytest.mark.parametrize("held", [b"", b"no graph at all, but long enough for a head of one" * 3])
def test_what_is_no_graph_is_said_to_be_none(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "G.fst"
    file.write_bytes(held)

    with pytest.raises(SetupFailed, match=r"G\.fst is not a graph"):
        Acceptor.read(file)


def test_a_grammar_of_four_words_is_left_alone(general: Grammar, numbers: dict[str, int]) -> None:
    graph = graph_of(general, numbers)
    two = graph.final.size - 1
    # The last state, of two words, goes back to another of two: it would be one of three.
    back = np.flatnonzero((np.repeat(np.arange(graph.final.size), graph.arcs_of) == two) & (graph.word == 0))
    graph.to[back] = two - 1

    with pytest.raises(SetupFailed, match="three words"):
        grammar_of(graph, numbers)
