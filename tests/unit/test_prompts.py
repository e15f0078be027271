"""The prompts: every language whole, every text spoken, nothing too long, nothing made twice."""

import sys
import wave
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import BadPromptFile, languages
from ivr.prompts.checks import audible, lengths, too_long
from ivr.prompts.espeak import CannotSpeak
from ivr.prompts.making import Made, make
from ivr.prompts.shipped import shipped, shipped_path
from ivr.prompts.sound import PEAK, PHONE_RATE, Samples, Sound, for_the_phone, from_mulaw, loudness, mulaw, resampled
from ivr.prompts.texts import FOLDER
from ivr.prompts.wav import write_wav
from models.words import Prompt
from wingline.setup.failure import SetupFailed
from wingline.setup.programs import command

HEAD = (
    '[language]\nname = "{name}"\ncode = "{code}"\nchecked = false\nheard = {heard}\nespeak = "{code}"\nspeed = 150\n'
)
ENGLISH = HEAD.format(name="English", code="en", heard="true") + "[prompts]\n"
POLISH = HEAD.format(name="Polski", code="pl", heard="false") + "[prompts]\n"

# Says any text as a tone of half a second, at espeak-ng's rate, and leaves a line for each text in the file named.
FAKE_ESPEAK = """
import sys, wave
with open(sys.argv[1], "a", encoding="utf-8") as said:
    said.write(sys.argv[3] + " " + sys.stdin.read() + chr(10))
with wave.open(sys.stdout.buffer, "wb") as file:
    file.setparams((1, 2, 22050, 0, "NONE", ""))
    file.writeframesraw(b"".join((9000 * (-1) ** (i // 20)).to_bytes(2, "little", signed=True) for i in range(11025)))
"""


class Site:
    """A folder of texts, a folder of recordings, and a voice that notes what it said."""

    def __init__(self, folder: Path) -> None:
        self.texts, self.out, self.own, self._said = (folder / name for name in ("texts", "out", "own", "said"))
        self.texts.mkdir()
        self._said.touch()
        (folder / "espeak.py").write_text(FAKE_ESPEAK, encoding="utf-8")
        self.espeak = [sys.executable, "-IS", str(folder / "espeak.py"), str(self._said)]

    def writes(self, code: str, text: str) -> None:
        (self.texts / f"{code}.toml").write_text(text, encoding="utf-8")

    def records(self, name: str, samples: Samples, *, rate: int, channels: int = 1) -> None:
        path = self.own / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((channels, 2, rate, 0, "NONE", ""))
            file.writeframes(np.repeat(samples * 32767, channels).astype("<i2").tobytes())

    def makes(self) -> Made:
        return make(
            languages(self.texts), self.out, espeak=self.espeak, own=self.own, progress=lambda _done, _all: None
        )

    def said(self) -> list[str]:
        return self._said.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.writes("en", ENGLISH + '"key/yes" = "Yes, not as shipped."\n"key/no" = "No, not as shipped."\n')
    return site


def a_tone(hertz: float, *, rate: int = PHONE_RATE, seconds: float = 0.5, size: float = 0.5) -> Samples:
    return np.asarray(size * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate))


def test_every_language_has_exactly_the_prompts_of_english() -> None:
    for language in languages():
        assert {voice.language for voice in language.voices.values()} == {language.code}


def test_english_is_first_and_welsh_waits_for_a_native_speaker() -> None:
    english, welsh = languages()

    assert (english.code, english.checked, english.heard) == ("en", False, True)
    assert (welsh.code, welsh.name, welsh.checked, welsh.heard) == ("cy", "Cymraeg", False, False)


def test_every_english_text_is_shipped_as_it_is_written_and_nothing_else_is() -> None:
    english = languages()[0]
    wanted = {shipped_path(text, english.voices[name]) for name, text in english.prompts.items()}

    assert set((FOLDER / "shipped" / "en").iterdir()) == wanted


def test_no_shipped_recording_is_too_long() -> None:
    english = languages()[0]
    for name, text in english.prompts.items():
        recording = shipped(text, english.voices[name])

        assert recording is not None
        assert too_long(name, recording.seconds) is None, name


@pytest.fixture
def espeak() -> list[str]:
    try:
        return command("espeak-ng")
    except SetupFailed as failure:
        pytest.skip(str(failure))


@pytest.mark.slow
def test_no_welsh_notice_is_too_long(tmp_path: Path, espeak: list[str]) -> None:
    text = (FOLDER / "cy.toml").read_text(encoding="utf-8")
    head, lines = text.split("[prompts]\n")
    notices = "\n".join(line for line in lines.splitlines() if line.startswith(('"notice/', '"alone/notice')))
    site = Site(tmp_path)
    site.espeak = espeak
    site.writes("cy", f"{head}[prompts]\n{notices}")
    site.writes("en", f"{ENGLISH}{notices}")

    assert [complaint for complaint in site.makes().complaints if complaint.startswith("cy/")] == []


def test_a_third_language_is_one_file_and_speaks_english_where_it_has_no_text(site: Site) -> None:
    site.writes("pl", POLISH + '"key/yes" = "Tak."\n')

    polish = languages(site.texts)[1]

    assert polish.prompts == {"key/yes": "Tak.", "key/no": "No, not as shipped."}
    assert {name: voice.espeak for name, voice in polish.voices.items()} == {"key/yes": "pl", "key/no": "en"}


@pytest.mark.parametrize("wrong", [POLISH + '"key/yess" = "Tak."', POLISH.replace('"pl"', '"de"'), "not TOML", "x = 1"])
def test_a_wrong_file_is_refused_by_name(site: Site, wrong: str) -> None:
    site.writes("pl", wrong)

    with pytest.raises(BadPromptFile, match=r"pl\.toml"):
        languages(site.texts)


def test_what_did_not_change_is_not_made_again(site: Site) -> None:
    first = site.makes()
    second = site.makes()
    site.writes("en", ENGLISH + '"key/yes" = "Yes, changed."\n"key/no" = "No, not as shipped."\n')
    third = site.makes()

    assert [(made.made, made.kept) for made in (first, second, third)] == [(2, 0), (0, 2), (1, 1)]
    assert site.said() == ["en Yes, not as shipped.", "en No, not as shipped.", "en Yes, changed."]


@pytest.mark.slow
def test_two_who_make_the_same_prompts_at_once_do_not_disturb_each_other(site: Site) -> None:
    site.writes("en", ENGLISH + "".join(f'"key/{n}" = "Number {n}."\n' for n in range(12)))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as both:
        made = [both.submit(site.makes).result for _ in range(2)]
        complaints = [one().complaints for one in made]

    assert complaints == [(), ()]
    assert site.makes() == Made(0, 12, ())


def test_a_lost_file_is_made_again_and_one_without_a_text_goes(site: Site) -> None:
    site.makes()
    (site.out / "en/key/no.wav").unlink()
    site.writes("en", ENGLISH + '"key/no" = "No, not as shipped."\n')

    assert site.makes().made == 1
    assert lengths(site.out / "en").keys() == {"key/no"}


def test_the_sites_own_recording_comes_before_every_other_voice(site: Site) -> None:
    site.records("en/key/yes", a_tone(500, rate=44100, seconds=0.9), rate=44100, channels=2)

    made = site.makes()

    assert made.complaints == ()
    assert site.said() == ["en No, not as shipped."]
    assert lengths(site.out / "en")[Prompt("key/yes")] == pytest.approx(0.9, abs=0.03)
    assert audible(site.out / "en/key/yes.wav")


def test_a_recording_that_cannot_be_used_is_complained_about_each_time_and_another_voice_speaks(site: Site) -> None:
    site.records("en/key/yes", np.zeros(8000), rate=8000)
    (site.own / "en/key/no.wav").write_bytes(b"MP3")

    for _ in range(2):
        silent, not_wav = site.makes().complaints

        assert "key/yes.wav: it is silent" in silent
        assert "key/no.wav" in not_wav
        assert audible(site.out / "en/key/yes.wav")


def test_a_shipped_text_needs_no_voice(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.espeak = ["/no/such/espeak-ng"]
    site.writes("en", (FOLDER / "en.toml").read_text(encoding="utf-8").split('"line/name"')[0])

    assert site.makes().made == 1


def test_a_voice_that_is_missing_is_said_so(site: Site) -> None:
    site.espeak = ["/no/such/espeak-ng"]

    with pytest.raises(CannotSpeak, match="no/such"):
        site.makes()


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 24000, 44100, 48000])
def test_resampling_keeps_what_a_phone_carries_and_drops_what_would_fold_back(rate: int) -> None:
    kept = resampled(Sound(a_tone(1000, rate=rate), rate), PHONE_RATE).samples[500:-500]
    dropped = resampled(Sound(a_tone(4600, rate=rate), rate), PHONE_RATE).samples[500:-500]

    assert 20 * np.log10(kept.std() / a_tone(1000).std()) == pytest.approx(0, abs=0.1)
    assert dropped.std() < 0.001


def test_a_prompt_begins_at_once_and_is_as_loud_as_every_other() -> None:
    words = np.concatenate(
        [np.zeros(9000), a_tone(300, size=0.02), np.zeros(2000), a_tone(700, size=0.03), np.zeros(9000)]
    )

    made = for_the_phone(Sound(words, PHONE_RATE)).samples

    assert np.flatnonzero(np.abs(made) > 0.01)[0] < 0.06 * PHONE_RATE
    assert loudness(made) == pytest.approx(-20, abs=1)
    assert 20 * np.log10(np.abs(made).max()) <= PEAK


def test_mulaw_is_the_one_of_g711() -> None:
    assert mulaw(np.array([0.0, -0.00001, 1.0, -1.0])) == b"\xff\xff\x80\x00"
    assert all(mulaw(from_mulaw(bytes([code]))) in {bytes([code]), b"\xff"} for code in range(256))
    tone = a_tone(440)
    assert 20 * np.log10(tone.std() / (from_mulaw(mulaw(tone)) - tone).std()) > 35


def test_audible_says_what_is_wrong(tmp_path: Path) -> None:
    for name, samples in {"good": a_tone(440), "quiet": a_tone(440, size=0.01), "short": a_tone(440)[:900]}.items():
        write_wav(tmp_path / f"{name}.wav", samples)

    assert audible(tmp_path / "good.wav")
    assert audible(tmp_path / "quiet.wav").complaint == "it is too quiet"
    assert audible(tmp_path / "short.wav").complaint == "it takes 0.1 s"
    assert audible(tmp_path / "none.wav").complaint == "it is not there"


def test_audible_refuses_what_asterisk_would_play_at_the_wrong_speed(site: Site) -> None:
    site.records("en/key/yes", a_tone(440, rate=16000), rate=16000)

    assert "16000 Hz" in str(audible(site.own / "en/key/yes.wav").complaint)
