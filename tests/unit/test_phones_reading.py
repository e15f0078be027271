"""What phones say over their control socket, their trace and their sound pipe is read as it was meant."""

from __future__ import annotations

import pytest

from wingline.phones.heard import Heard, SampleClock, level
from wingline.phones.netstring import NetstringReader, encode
from wingline.phones.signalling import SignallingReader, SipMessage
from wingline.phones.wav import decode, header

TRACE = [
    "\x1b[36;1m#",
    "UDP 127.0.0.1:5060 -> 127.0.0.1:40000",
    "INVITE sip:202@127.0.0.1 SIP/2.0",
    'From: "Anonymous" <sip:anonymous@127.0.0.1>;tag=a',
    "Call-ID: abc",
    "CSeq: 1 INVITE",
    "",
    "v=0",
    "\x1b[;m",
]


def test_a_netstring_cut_anywhere_is_read_whole() -> None:
    reader = NetstringReader()
    wire = encode(b'{"event":1}') + encode(b"") + encode(b"12:34,")

    read = [payload for byte in wire for payload in reader.feed(bytes([byte]))]

    assert read == [b'{"event":1}', b"", b"12:34,"]


def test_a_netstring_without_its_comma_is_an_error() -> None:
    with pytest.raises(ValueError, match="comma"):
        NetstringReader().feed(b"2:abX")


def test_a_traced_message_is_kept_apart_from_the_log() -> None:
    reader = SignallingReader("127.0.0.1:5060")

    read = [said for line in ["ready", *TRACE, "bye"] if (said := reader.feed(line, 7.0)) is not None]

    assert read[0] == "ready"
    assert read[2] == "bye"
    message = read[1]
    assert isinstance(message, SipMessage)
    assert not message.sent
    assert message.status is None
    assert message.is_of("INVITE")
    assert message.header("call-id") == "abc"
    assert message.headers[0] == ("From", '"Anonymous" <sip:anonymous@127.0.0.1>;tag=a')
    assert "anonymous" not in repr(message)


def test_the_sample_clock_believes_the_earliest_block() -> None:
    clock = SampleClock()
    for block, late in enumerate([0.030, 0.004, 0.0, 0.120], start=1):
        samples = 2048 * block - 22
        frame_began = 100.0 + (samples - 1) // 160 * 0.020
        clock.block_arrived(frame_began + late, samples_so_far=samples)

    assert clock.time_of(8000) == pytest.approx(101.0, abs=1e-9)
    assert clock.sample_at(100.5) == 4000


def test_each_call_has_its_own_sound_and_headers_are_no_sound() -> None:
    heard = Heard()
    loud = b"\x00\x40" * 160
    heard.feed(header(0) + loud, 10.0)
    heard.feed(loud + header(640), 10.02)
    heard.feed(header(0) + b"\x00\x00" * 160, 20.0)

    first, second = heard.calls
    assert (first.end, second.end) == (320, 160)
    assert heard.between(10.0, 10.04) == loud * 2
    assert heard.between(10.02, 10.03) == loud[:160]
    assert level(heard.between(20.0, 20.02)) == -100.0
    assert level(loud) == pytest.approx(-6.02, abs=0.01)


def test_sound_before_any_header_is_of_no_call() -> None:
    heard = Heard()
    heard.feed(b"\x01\x02" * 10, 1.0)

    assert heard.between(0.0, 2.0) == b""


def test_a_wav_file_whose_length_is_a_guess_is_read_to_its_end() -> None:
    assert decode(header(0x7FFFF000) + b"\x01\x00\x02\x00\x03") == (b"\x01\x00\x02\x00", 8000)
