"""The arithmetic of the bench, on figures that everybody can reckon."""

import numpy as np
import pytest

from wingline.bench.claims import Race, judge
from wingline.bench.day import Sample, slopes
from wingline.bench.figures import middle, per_second, share, slope, slow_end, times
from wingline.bench.hearing import Level
from wingline.bench.plugging import challenge_in, digest
from wingline.bench.setting_up import Load, in_turn, invited, most_borne, rung
from wingline.bench.sipp import Account, parsed
from wingline.bench.sound import mu_law
from wingline.bench.talking import Step, busy_share, cost
from wingline.bench.usage import cpu_in, memory_in


def test_nothing_measured_is_no_figure() -> None:
    assert middle([]) is slow_end([]) is per_second([]) is slope([], []) is share(None, 2) is None
    assert times("claim", []) == {"claim_ms_median": None, "claim_ms_p95": None, "claim_ms_max": None}


def test_middles_rates_and_slopes() -> None:
    assert middle([1, 2, 9]) == 2
    assert slow_end(list(range(101))) == 95
    assert per_second([10.0, 10.5, 11.0, 12.0]) == 1.5
    assert per_second([10.0, 10.0]) is None
    assert slope([1, 2, 4], [10, 12, 16]) == 2
    assert slope([3, 3], [1, 2]) is None
    assert share(30, 10) == 3


def test_a_ring_belongs_to_the_call_before_it_and_not_to_the_next() -> None:
    assert in_turn([1.0, 2.0, 3.0], [1.2, 3.5]) == pytest.approx([0.2, 0.5])


def test_the_most_that_is_borne_is_the_quickest_load_at_which_nearly_every_call_rings() -> None:
    loads = [Load(2, 10, 10, 5.0, 20, 9), Load(4, 20, 20, 8.0, 30, 9), Load(8, 40, 20, 9.0, None, 9)]

    assert most_borne(loads) == loads[1]
    assert most_borne([]) is None


SHORT = """\
2026-11-28\t15:30:31.3\t100.25\tS\tone\tCSeq:1 INVITE\tINVITE sip:100@127.0.0.1:5060 SIP/2.0
2026-11-28\t15:30:31.4\t100.30\tR\tone\tCSeq:1 INVITE\tSIP/2.0 401 Unauthorized
2026-11-28\t15:30:31.5\t100.35\tS\tone\tCSeq:2 INVITE\tINVITE sip:100@127.0.0.1:5060 SIP/2.0
2026-11-28\t15:30:31.6\t100.50\tR\ttwo\tCSeq:9 INVITE\tINVITE sip:p1@127.0.0.1:4000 SIP/2.0
half a li""".splitlines()


def test_sipps_short_messages_say_when_a_call_was_dialled_and_when_a_phone_rang() -> None:
    messages = list(parsed(SHORT))

    assert [(one.sent, one.what, one.of) for one in messages[:2]] == [
        (True, "INVITE", "INVITE"),
        (False, "401", "INVITE"),
    ]
    assert invited(messages) == [100.25]
    assert rung(messages) == [100.5]


def test_what_one_more_call_costs_is_the_slope_over_the_steps_that_were_borne() -> None:
    steps = [Step(n, n, {"line": 0.1 + 0.02 * n}, {"line": 90.0 + n}, 0.5) for n in (1, 2, 4)]
    found = cost([*steps, Step(8, 3, {"line": 9.0}, {"line": 900.0}, 1.0)])

    assert found["most_at_once"] == 4
    assert found["cores_per_call"] == 0.02
    assert found["by_program"]["line"]["memory_mb_per_call"] == 1


def test_the_first_day_is_no_growth() -> None:
    def a_day(calls: int, memory: float) -> Sample:
        return Sample(calls, {"line": memory}, {"line": 20}, 500.0, 900.0)

    found = slopes([a_day(1000, 50), a_day(2000, 90), a_day(3000, 90), a_day(4000, 90)])
    assert found["memory_mb_per_1000_calls"] == {"line": 0}
    assert found["descriptors_per_1000_calls"] == {"line": 0}
    assert found["database_kb_per_1000_calls"] == 0


def test_a_race_is_broken_without_a_winner_with_two_and_when_somebody_else_was_told() -> None:
    found = Race(won_by={0: 0, 1: 0})
    pressed = [(0, 0, True, 1.0), (0, 1, False, 2.0), (1, 0, False, 1.0), (1, 1, None, 1.0), (2, 0, True, 1.0)]
    judge(found, pressed, {0: [0], 1: [], 2: [1]})

    assert (found.races, found.claims, found.failed) == (3, 5, 1)
    assert (found.without_winner, found.several_winners, found.told_wrongly) == (1, 0, 1)
    assert found.won_by == {0: 1, 1: 1}

    judge(found, [(3, 0, True, 1.0), (3, 1, True, 1.0)], {3: [0, 1]})
    assert found.several_winners == 1


def test_sound_left_out_is_a_share_of_what_was_sent() -> None:
    assert Level(2, sent=20.0, left_out=5.0).share == 0.25
    assert Level(2).share == 0


def test_processor_and_memory_are_read_as_the_kernel_writes_them() -> None:
    assert cpu_in("12 (a ) b) S " + " ".join(map(str, range(1, 40)))) == pytest.approx((11 + 12) / 100)
    assert memory_in("00-ff ---p 00:00 0 [rollup]\nRss: 4096 kB\nPss: 2048 kB\n") == 2.0
    assert busy_share((10.0, 100.0), (15.0, 110.0)) == 0.5


def test_the_registrars_question_is_answered_as_rfc_2617_says() -> None:
    """With the values of the example in its section 3.5, as a server without qop asks (RFC 2069)."""
    asked = (
        'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="testrealm@host.com",'
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",opaque="5ccc069c403ebaf9f0171e9517f40e41"\r\n\r\n'
    )
    account = Account("Mufasa", "Circle Of Life")

    said = digest(account, challenge_in(asked), uri="/dir/index.html", method="GET")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in said
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in said


def test_mu_law_is_that_of_g711() -> None:
    """Silence, full scale on both sides, and the smallest steps (ITU-T G.711, table 2a)."""
    assert mu_law(np.array([0, 32635, -32635, 8, -8], np.int32)) == bytes([0xFF, 0x80, 0x00, 0xFE, 0x7E])
