"""Silence stays outside, and late audio is dropped."""

import random
import struct
import threading
import time

from speech import voice
from speech.backlog import MOST_FRAMES, Backlog
from speech.gate import FRAME_BYTES, HANG_OVER, PRE_ROLL, Gate

VOICE, QUIET = b"\x01" * FRAME_BYTES, bytes(FRAME_BYTES)


def a_gate() -> Gate:
    return Gate(lambda frame: frame[0] == 1)


def test_silence_never_passes() -> None:
    gate = a_gate()

    assert not any(gate.let_through(QUIET).pcm for _ in range(500))


def test_line_noise_is_silence_to_the_real_detector() -> None:
    gate, noise = Gate(voice.load()()), random.Random(1)
    hiss = [struct.pack("<320h", *(noise.randint(-60, 60) for _ in range(320))) for _ in range(100)]

    assert not any(gate.let_through(frame).pcm for frame in hiss)


def test_a_click_does_not_open_the_gate() -> None:
    gate = a_gate()

    assert not any(gate.let_through(frame).pcm for frame in [QUIET] * 10 + [VOICE] + [QUIET] * 10)


def test_the_onset_of_speech_is_not_lost() -> None:
    gate = a_gate()
    for _ in range(20):
        gate.let_through(QUIET)

    first = [gate.let_through(VOICE).pcm for _ in range(3)][-1]

    assert first == QUIET * (PRE_ROLL - 3) + VOICE * 3


def test_half_a_second_of_quiet_ends_the_utterance_once() -> None:
    gate = a_gate()
    for _ in range(5):
        gate.let_through(VOICE)

    ended = [gate.let_through(QUIET).ended for _ in range(HANG_OVER + 20)]

    assert ended.index(True) == HANG_OVER - 1
    assert sum(ended) == 1


def test_a_full_backlog_drops_the_oldest_and_counts() -> None:
    backlog = Backlog()
    for number in range(MOST_FRAMES + 7):
        backlog.put(bytes([number]))

    taken = backlog.take(3, within=0)

    assert taken is not None
    assert taken.dropped == 7
    assert taken.frames == [b"\x07", b"\x08", b"\x09"]


def test_a_closed_backlog_wakes_the_worker_and_hands_out_nothing() -> None:
    backlog, got = Backlog(), []
    worker = threading.Thread(target=lambda: got.append(backlog.take(5, within=5)))
    worker.start()
    backlog.put(VOICE)
    begun = time.monotonic()

    backlog.close()
    worker.join()

    assert got == [None]
    assert time.monotonic() - begun < 1
