"""What the figures of an evaluation mean, and that bad data is answered with what to do."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.dangers import Danger
from models.errors import WinglineError
from speech.gate import FRAME_BYTES
from speech.judge import Found, Judge, Limits
from speech.listening import Means
from speech.recogniser import Heard
from wingline.evaluation.bench import PLAIN_BYTES, Spoken, plain_loop, prompts
from wingline.evaluation.figures import Outcome, figures_of, quantiles
from wingline.evaluation.lines import Line, read_lines
from wingline.evaluation.sound import as_a_call
from wingline.evaluation.text import evaluate_text
from wingline.evaluation.words import WordErrors, distance

INTENT, PLAN = Danger.SUICIDE_INTENT, Danger.SUICIDE_PLAN
NO_MEANING = Limits(dict.fromkeys(Danger, 1.0), 0.0, 1.0)
RULES_ALONE = Judge(None, NO_MEANING)


def lines_in(folder: Path, *entries: object) -> Path:
    file = folder / "calls.jsonl"
    file.write_text("\n".join(json.dumps(entry) for entry in entries))
    return file


def test_recall_asks_for_a_right_kind_and_recall_any_for_any() -> None:
    figures = figures_of(
        [
            Outcome("right", frozenset({INTENT, PLAN}), 0.1, (PLAN,)),
            Outcome("other", frozenset({INTENT}), 0.1, (PLAN,)),
            Outcome("missed", frozenset({INTENT}), 0.1, ()),
            Outcome("false", frozenset(), 0.25, (INTENT, PLAN)),
            Outcome("quiet", frozenset(), 0.25, ()),
            Outcome("unknown", None, 0.5, (INTENT,)),
        ]
    )

    assert (figures["recall"], figures["recall_any"]) == (0.3333, 0.6667)
    assert figures["recall_by_kind"] == {"suicide_intent": 0.3333, "suicide_plan": 1.0}
    assert (figures["false_flags_per_hour"], figures["false_flag_lines"], figures["false_flag_share"]) == (4.0, 1, 0.5)
    assert figures["flags_per_hour"] == 2.0
    assert (figures["missed"], figures["wrongly_flagged"]) == (["other", "missed"], ["false"])


def test_a_figure_that_nothing_could_give_is_null() -> None:
    figures = figures_of([Outcome("unknown", None, 0.0, ())])

    assert figures["recall"] is figures["false_flags_per_hour"] is figures["flags_per_hour"] is None
    assert quantiles("ms", []) == {"ms_p50": None, "ms_p95": None}


def test_calls_are_spoken_at_150_words_a_minute_and_each_stands_alone(tmp_path: Path) -> None:
    file = lines_in(
        tmp_path,
        {"id": "a", "said": ["i'm going to kill myself", "i'm going to kill myself"], "expect": ["suicide_intent"]},
        {"id": "b", "said": ["the food was cold " * 37 + "again today"], "expect": []},
    )

    figures = evaluate_text(read_lines(file), RULES_ALONE, lambda _done, _of: None)

    assert figures["recall"] == 1.0
    assert figures["false_flags_per_hour"] == 0.0
    assert figures["hours"] == pytest.approx((10 + 150) / 150 / 60, abs=1e-4)
    assert figures["ms_p50"] is not None


def test_no_word_of_the_data_is_in_the_figures(tmp_path: Path) -> None:
    file = lines_in(tmp_path, {"id": "a", "said": ["i'm going to kill myself marmalade"], "expect": []})

    figures = evaluate_text(read_lines(file), RULES_ALONE, lambda _done, _of: None)

    assert figures["wrongly_flagged"] == ["a"]
    assert "marmalade" not in json.dumps(figures)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"id": "a", "expect": []}, "neither `said`"),
        ({"said": "one string", "expect": []}, "neither `said`"),
        ({"said": ["words"]}, "`expect` is missing"),
        ({"said": ["words"], "expect": ["crime"]}, "`expect` names no kind"),
        ({"said": ["words"], "expect": [["attempt"]]}, "`expect` names no kind"),
        ({"said": ["words"], "expect": ""}, "`expect` is not a list"),
        ({"said": ["words"], "expect": {}}, "`expect` is not a list"),
        ({"said": ["words"], "expect": False}, "`expect` is not a list"),
        ({"said": ["words \ud83d"], "expect": []}, "half of a character"),
        (["words"], "neither `said`"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, entry: object, why: str) -> None:
    file = lines_in(tmp_path, {"said": ["words"], "expect": None}, entry)

    with pytest.raises(WinglineError, match=rf"line 2: {why}.*docs/evaluation\.md"):
        read_lines(file)


@pytest.mark.parametrize("line", ["hello", "[" * 100_000])
def test_a_line_that_is_not_json_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(f"\n{line}\n")

    with pytest.raises(WinglineError, match="line 2: not JSON"):
        read_lines(file)


@pytest.mark.parametrize(("encoding", "number"), [("cp1252", 2), ("utf-16", 1)])
def test_a_file_that_is_not_utf_8_is_answered_with_what_to_do(tmp_path: Path, encoding: str, number: int) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes('{"said": ["x"], "expect": []}\n{"said": ["café"], "expect": []}\n'.encode(encoding))

    with pytest.raises(WinglineError, match=f"line {number}: not UTF-8; save it as UTF-8"):
        read_lines(file)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"id": "a", "said": ["x"], "expect": []}\r\n', "utf-8-sig")

    assert [line.id for line in read_lines(file)] == ["a"]


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\u0085"])
def test_json_may_hold_other_ends_of_lines_as_they_are(tmp_path: Path, end: str) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(f'{{"said": ["hello{end}there"], "expect": []}}\n', "utf-8")

    assert [line.said for line in read_lines(file)] == [(f"hello{end}there",)]


def test_ids_may_begin_at_0_and_a_line_without_one_is_called_by_its_number(tmp_path: Path) -> None:
    said = {"said": ["words"], "expect": []}
    file = lines_in(tmp_path, {"id": 0, **said}, {"id": 1, **said}, said, {"id": None, **said}, {"id": "", **said})

    assert [line.id for line in read_lines(file)] == ["0", "1", "3", "4", "5"]


class Remembered(Judge):
    """Finds a danger in one utterance, and knows what it was asked about."""

    def __init__(self) -> None:
        super().__init__(None, NO_MEANING)
        self.asked: list[tuple[str, ...]] = []

    def dangers_in(self, said: Sequence[str], agreement: float = 1.0) -> tuple[Found, ...]:
        del agreement
        self.asked.append(tuple(said))
        return (Found("test", INTENT),) if said[-1] == "danger" else ()


def test_words_that_told_of_a_danger_are_forgotten_with_its_flag(tmp_path: Path) -> None:
    judge = Remembered()

    evaluate_text(
        read_lines(lines_in(tmp_path, {"said": ["before", "danger", "after"], "expect": None})), judge, lambda *_: None
    )

    assert judge.asked == [("before",), ("before", "danger"), ("after",)]


class Settles:
    """A recogniser that has settled on the next utterance whenever it hears anything."""

    def __init__(self) -> None:
        self._said = ["before", "danger", "after"]

    def hear(self, pcm: bytes) -> Heard:
        del pcm
        return Heard(self._said.pop(0), settled=True)

    def finish(self) -> Heard:
        return Heard("", settled=True)


def test_in_the_plain_loop_of_the_bench_they_are_forgotten_too() -> None:
    judge = Remembered()
    call = Spoken(Line("a", (), None), bytes(3 * PLAIN_BYTES))

    assert plain_loop(call, Means(Settles, lambda: any, judge)) == (INTENT,)
    assert judge.asked == [("before",), ("before", "danger"), ("after",)]


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(WinglineError, match="cannot be read"):
        read_lines(tmp_path / "none.jsonl")


def test_a_text_is_one_utterance(tmp_path: Path) -> None:
    (line,) = read_lines(lines_in(tmp_path, {"file": "a.flac", "text": "some words", "expect": [], "voice": "v"}))

    assert (line.id, line.said, line.voice, line.file) == ("a.flac", ("some words",), "v", "a.flac")


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [("a b c", "a b c", 0), ("a b c", "a c", 1), ("a b c", "a x c d", 2), ("a b", "", 2), ("a", "b c", 2)],
)
def test_word_errors_are_insertions_deletions_and_substitutions(said: str, heard: str, errors: int) -> None:
    assert distance(said.split(), heard.split()) == errors


def test_the_word_error_rate_is_over_all_words_and_heeds_no_capitals_or_stops() -> None:
    assert WordErrors.over([(["I'm fine, thanks."], ["i'm", "fine", "thanks"]), (["one two"], ["one"])]).rate == 0.2


def test_a_recording_is_brought_to_16_khz_and_its_speech_ends_where_it_does() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    recording = as_a_call(np.concatenate([tone, np.zeros(4000)]), 8000)

    assert len(recording.pcm) / 32_000 == pytest.approx(3.5, abs=0.03)
    assert recording.seconds == pytest.approx(1.5, abs=0.001)
    assert recording.speech_ends == pytest.approx(1.0, abs=0.05)


def test_in_the_benchs_calls_somebody_speaks_for_half_of_the_time() -> None:
    for call in prompts()[:5]:
        sound = np.frombuffer(call.pcm, "<i2").astype(float)
        half = len(sound) // 2
        assert np.abs(sound[:half]).max() > 3000
        assert np.abs(sound[half - FRAME_BYTES // 2 : half]).max() > 0
        assert not sound[half:].any()
