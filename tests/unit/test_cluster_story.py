"""What the cluster test makes of what it saw; the cluster itself runs by `make cluster-test`."""

from typing import Any

from wingline.bench.cluster.parts import CONFIGURATIONS
from wingline.bench.cluster.phones import answered, begun
from wingline.bench.cluster.story import longest_gap, picked_up, violations
from wingline.bench.sipp import Message


def found(**changes: Any) -> dict[str, Any]:
    calm = {"calls": 4, "taken_by_a_listener": 4, "by_node": {"node-a": 2, "node-b": 2}}
    lost = {"longest_without_a_listener_s": 3.0}
    deaf = {"heard_by_it": 2, "heard_again_by_the_other": 2}
    cut = {"node_a_cut_off": lost, "node_b_killed": lost, "speech_1_cut_off": deaf}
    return {"all_hosts_up": calm, **cut, "broken": {"nothing_is_left": 0}} | changes


def test_nothing_left_nobody_shared_and_soon_reached_is_no_violation() -> None:
    assert violations(found()) == 0


def test_each_promise_that_is_broken_is_counted() -> None:
    assert violations(found(broken={"nothing_is_left": 2, "has_one_call": 1})) == 3
    assert violations(found(node_b_killed={"longest_without_a_listener_s": 40.0})) == 1
    assert violations(found(node_a_cut_off={"longest_without_a_listener_s": None})) == 1
    assert violations(found(speech_1_cut_off={"heard_by_it": 3, "heard_again_by_the_other": 1})) == 2
    idle = {"calls": 4, "taken_by_a_listener": 3, "by_node": {"node-a": 4}}
    assert violations(found(all_hosts_up=idle)) == 2


def test_the_longest_time_without_a_listener_begins_with_the_loss() -> None:
    assert longest_gap([10.0, 1.0, 11.0, 15.5], 9.0) == 4.5
    assert longest_gap([10.0], 9.0) is None


def test_calls_are_counted_by_what_phones_sent_and_got() -> None:
    messages = [
        Message(1.0, True, "one", "INVITE", "INVITE"),
        Message(1.1, True, "one", "INVITE", "INVITE"),
        Message(1.2, False, "one", "200", "INVITE"),
        Message(1.3, True, "two", "INVITE", "INVITE"),
        Message(1.4, False, "two", "503", "INVITE"),
        Message(1.5, True, "one", "INFO", "INFO"),
    ]

    assert begun(messages) == [1.0, 1.3]
    assert picked_up(messages) == 1
    assert answered(messages) == [1.5]


def test_the_addresses_of_the_hosts_are_those_of_the_configurations() -> None:
    text = "".join(file.read_text("utf-8") for file in CONFIGURATIONS.iterdir())

    for address in ("10.77.0.20:5060", "10.77.0.31:5060", "10.77.0.32:5060", "10.77.0.41:24700", "10.77.0.42:24700"):
        assert address in text
