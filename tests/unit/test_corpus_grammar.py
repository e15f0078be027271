"""The callers' own grammar: what is in the file, and that the file is of this corpus."""

import gzip

import pytest

from corpus.grammar import Grammar, arpa
from corpus.texts import to_learn_from
from wingline.setup.grammar import BEGIN, END, UNKNOWN
from wingline.setup.graph import CALLERS

SAID = ("i want to die", "i want to go home", "i want to die", "they want my canteen")
WORDS = sorted({*" ".join(SAID).split(), END, UNKNOWN})


@pytest.mark.parametrize(
    "before", [(), ("want",), ("want", "to"), (BEGIN, "i"), ("canteen", "die"), ("nobody", "said")]
)
def test_after_any_words_something_follows(before: tuple[str, ...]) -> None:
    grammar = Grammar(SAID)
    shares = [grammar.likely((*before, word)) for word in WORDS]

    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


def test_what_was_said_more_often_is_likelier() -> None:
    grammar = Grammar(SAID)

    assert grammar.likely(("want", "to", "die")) > grammar.likely(("want", "to", "go")) > grammar.likely(("die", "go"))


def test_the_file_has_what_was_said_twice_and_what_is_left_for_all_else() -> None:
    lines = list(arpa(Grammar(SAID)))

    assert lines[1:4] == ["ngram 1=12", "ngram 2=5", "ngram 3=4"]
    twice = [line.split("\t") for line in lines if "want to" in line]
    assert [words for _, words, *_ in twice] == ["want to", "i want to", "want to die"]
    # Only of "want to" there is something longer that was said twice.
    assert [len(row) for row in twice] == [3, 2, 2]


@pytest.mark.slow
def test_what_is_shipped_is_of_this_corpus() -> None:
    made = arpa(Grammar(utterance for statement in to_learn_from() for utterance in statement.said))

    assert gzip.decompress(CALLERS.read_bytes()).decode("utf-8").splitlines() == "\n".join(made).splitlines()
