"""What the cluster test makes of what it saw; the cluster itself runs by `make cluster-test`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wingline.bench.cluster.calls import hung_up_on, longest_gap, picked_up
from wingline.bench.cluster.driven import CALLS, KINDS, between
from wingline.bench.cluster.hosts import Hosts
from wingline.bench.cluster.outcomes import Became, Watch
from wingline.bench.cluster.parts import ADDRESSES, CONFIGURATIONS, Cluster
from wingline.bench.cluster.phones import answered, begun
from wingline.bench.cluster.sealed import in_the_clear
from wingline.bench.cluster.story import ALL_PARTS
from wingline.bench.cluster.telling import at_once
from wingline.bench.cluster.verdict import COUNTS, violations
from wingline.bench.sipp import Message
from wingline.chaos.kinds import BETWEEN_HOSTS, ON_ONE_MACHINE, FaultKind
from wingline.chaos.plan import plan
from wingline.children import Child

SOON = {"longest_without_a_listener_s": 3.0}
SECOND = datetime(2026, 1, 1, tzinfo=UTC)
OUTAGE = SOON | {"neither_listener_nor_told": 0, "hung_up_on": 0, "both_lines_write_again_after_s": 1.0}
GOOD: dict[str, dict[str, Any]] = {
    "all_hosts_up": {"calls": 4, "taken_by_a_listener": 4, "by_node": {"node-a": 2, "node-b": 2}},
    "node_a_cut_off": SOON | {"clean_by_itself_after_s": 20.0},
    "node_b_killed": SOON,
    "speech_1_cut_off": {"heard_by_it": 2, "heard_again_by_the_other": 2},
    "database_killed": OUTAGE,
    "database_cut_off": OUTAGE | {"long_conversations": 2, "still_known": 2, "cut_short": 0},
    "proxy_killed": SOON
    | {"calls": 9, "answered_by_an_exchange": 9, "hung_up_on": 0, "conversations": 3, "conversations_that_went_on": 3}
    | {"a_call_gets_through_after_s": 1.0, "a_phone_registers_after_s": 1.0},
    "staff_told": {"escalations": 1, "told_again_after_s": 3.0, "acknowledged_after_s": 9.0}
    | {"rung_twice_at_once": 0, "rung_although_somebody_goes": 0},
    "at_random": {"violations": 0, "broken": []},
    "secure_phone": {"answered": True, "listener": True, "hears": True, "found_by": 2, "in_the_clear": 0},
}


def found(part: str = "", **changes: Any) -> dict[str, Any]:
    changed = {part: GOOD[part] | changes} if part else {}
    return GOOD | changed | {"broken": {"nothing_is_left": 0}}


def test_nothing_left_nobody_shared_and_soon_reached_is_no_violation() -> None:
    assert set(GOOD) == set(ALL_PARTS) == set(COUNTS)
    assert violations(found()) == 0


def test_across_hosts_every_kind_breaks_once_in_a_run_and_the_same_for_a_seed() -> None:
    one, again, other = (plan(seed, CALLS, KINDS, len(KINDS)) for seed in (3, 3, 4))
    kinds = [fault.kind for fault in one.faults]

    assert one == again
    assert one.faults != other.faults
    assert len(kinds) == len(set(kinds)) > len(KINDS) - 4
    assert set(ON_ONE_MACHINE) - set(KINDS) == {FaultKind.RTP_LOST}
    assert set(KINDS) > BETWEEN_HOSTS


def test_each_fault_of_hosts_hits_somebody(tmp_path: Path) -> None:
    made = Cluster(Hosts(ADDRESSES, tmp_path / "log"), tmp_path, "")
    proxy, sound = (Child(name, [], tmp_path, {}) for name in ("kamailio", "haproxy"))
    broken = between(made, proxy, [sound])

    assert set(broken) == BETWEEN_HOSTS
    assert all(maker() for makers in broken.values() for maker in makers)
    assert len(broken[FaultKind.NODE_CUT_OFF]) == len(broken[FaultKind.SPEECH_CUT_OFF]) == 2


def test_a_run_of_the_fault_driver_alone_is_counted_by_its_own_promises() -> None:
    assert violations({"at_random": {"violations": 0}}) == 0
    assert violations({"at_random": {"violations": 2}}) == 2


def test_a_part_that_was_not_played_breaks_nothing() -> None:
    assert violations({"broken": {"nothing_is_left": 2, "has_one_call": 1}}) == 3


@pytest.mark.parametrize(
    ("part", "changes", "broken"),
    [
        ("all_hosts_up", {"taken_by_a_listener": 3, "by_node": {"node-a": 4}}, 2),
        ("node_a_cut_off", {"longest_without_a_listener_s": None}, 1),
        ("node_a_cut_off", {"clean_by_itself_after_s": None}, 1),
        ("node_b_killed", {"longest_without_a_listener_s": 40.0}, 1),
        ("speech_1_cut_off", {"heard_by_it": 3, "heard_again_by_the_other": 1}, 2),
        ("database_killed", {"neither_listener_nor_told": 2, "hung_up_on": 1}, 3),
        ("at_random", {"violations": 3}, 3),
        ("database_killed", {"both_lines_write_again_after_s": None, "longest_without_a_listener_s": 31.0}, 2),
        ("database_cut_off", {"still_known": 1, "cut_short": 1}, 2),
        ("proxy_killed", {"conversations_that_went_on": 2, "answered_by_an_exchange": 8}, 2),
        ("proxy_killed", {"a_call_gets_through_after_s": None, "a_phone_registers_after_s": None}, 2),
        ("staff_told", {"escalations": 0, "told_again_after_s": None, "acknowledged_after_s": None}, 3),
        ("staff_told", {"escalations": 2, "rung_twice_at_once": 1, "rung_although_somebody_goes": 1}, 3),
        ("secure_phone", {"hears": False, "found_by": 1, "in_the_clear": 1}, 3),
    ],
)
def test_each_promise_that_is_broken_is_counted(part: str, changes: dict[str, Any], broken: int) -> None:
    assert violations(found(part, **changes)) == broken


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
    byes = [
        Message(at, sent, call, "BYE", "BYE")
        for at, sent, call in ((2, False, "one"), (2, True, "two"), (9, False, "two"))
    ]
    # What an exchange says to somebody who has gone ends nothing.
    assert hung_up_on([*messages, *byes]) == 1


def channel(phone: str, context: str, application: str, *, bridge: str = "", number: int = 1) -> str:
    """As `core show channels concise` says it; data may hold its own mark."""
    fields = f"s!1!Up!{application}!what!ever!100!!!3!7!{bridge}!16.{number}"
    return f"PJSIP/{phone}-0000000{number}!{context}!{fields}"


def test_what_becomes_of_a_caller_is_the_best_that_an_exchange_said() -> None:
    watch = Watch(lambda _node, _what: "", ["a", "b"], {"carl", "cora", "cliff", "clem"})
    first = [channel("carl", "wl-call", "AGI"), channel("cora", "wl-alone", "BackGround", number=2)]
    watch.take({"a": "\n".join(first), "b": "Unable to connect"})
    talk = [
        channel("carl", "wl-talk", "ConfBridge", bridge="one"),
        channel("lily", "wl-offer", "ConfBridge", bridge="one", number=3),
        channel("clem", "wl-talk", "ConfBridge", bridge="two", number=4),
    ]
    watch.take({"a": "\n".join(talk), "b": channel("cliff", "wl-alone", "Queue", bridge="three")})

    assert watch.talking() == {("a", "16.1"), ("b", "16.1")}
    assert watch.came_to == {
        ("a", "16.1"): Became.LISTENER,
        ("a", "16.2"): Became.TOLD_BY_THE_EXCHANGE_ALONE,
        ("a", "16.4"): Became.WITH_THE_LINE,
        ("b", "16.1"): Became.LISTENER_BY_THE_EXCHANGE_ALONE,
    }
    watch.take({})
    assert watch.counted()["listener"] == 1
    assert watch.talking() == set()


def test_a_phone_that_rings_twice_at_once_is_seen() -> None:
    def after(seconds: float) -> datetime:
        return SECOND + timedelta(seconds=seconds)

    one_after_the_other = [("p", after(0), after(4)), ("q", after(1), None), ("p", after(4), None)]
    assert at_once(one_after_the_other) == 0
    assert at_once([*one_after_the_other, ("p", after(3), after(5)), ("q", after(9), after(10))]) == 3


def test_a_message_is_in_the_clear_by_its_way_or_by_its_sound() -> None:
    assert in_the_clear("OPTIONS sip:p SIP/2.0\nVia: SIP/2.0/UDP 10.77.0.20")
    assert in_the_clear("SIP/2.0 200 OK\nVia: SIP/2.0/TLS 10.77.0.20\n\nm=audio 4 RTP/AVP 0")
    assert not in_the_clear("SIP/2.0 200 OK\nVia: SIP/2.0/TLS 10.77.0.20\n\nm=audio 4 RTP/SAVP 0\na=crypto:1")


def test_the_addresses_of_the_hosts_are_those_of_the_configurations() -> None:
    text = "".join(file.read_text("utf-8") for file in CONFIGURATIONS.iterdir())

    for address in ("10.77.0.20:5060", "10.77.0.31:5060", "10.77.0.32:5060", "10.77.0.41:24700", "10.77.0.42:24700"):
        assert address in text
