"""What the line makes of the reports of the speech process."""

from ivr.ears import SpeechEars
from models.dangers import Danger, Flag


def test_a_flag_is_told_with_its_rule_kind_and_second() -> None:
    ears, flags = SpeechEars(0), []
    ears.on_flag = flags.append

    ears._take({"event": "flag", "call": "call-1", "rule": "intent.kill_self", "danger": "suicide_intent", "second": 3})
    assert flags == [Flag("call-1", "intent.kill_self", Danger.SUICIDE_INTENT, 3.0)]


def test_phrases_that_were_not_heard_twice_are_counted_for_the_board() -> None:
    ears, changes, begun_again = SpeechEars(0), [], []
    ears.on_left_out = lambda: changes.append(1)
    ears.on_change = lambda: begun_again.append(1)

    ears._take({"event": "second pass", "phrases": 40, "dropped": 3})
    assert ears.left_out == 3
    assert changes
    assert not begun_again


def test_a_call_that_is_not_heard_any_more_is_told() -> None:
    ears, lost = SpeechEars(0), []
    ears.on_lost = lost.append

    ears._take({"event": "forgot", "call": "call-1"})
    assert lost == ["call-1"]


def test_a_report_of_a_later_release_is_not_an_error() -> None:
    ears = SpeechEars(0)

    ears._take({"event": "something new"})
    assert ears.left_out == 0
