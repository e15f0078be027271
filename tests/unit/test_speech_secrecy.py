"""Words grow old, are overwritten, and are in no repr, log, traceback or dump."""

import subprocess
import sys
import textwrap

from hypothesis import given
from hypothesis import strategies as st

from speech.gate import Passage
from speech.recogniser import Heard
from speech.window import KEPT_SECONDS, Window

CANARY = "canary"
LONGEST_UTTERANCE = 20.0


@given(st.lists(st.floats(0, 40), max_size=30))
def test_no_word_is_older_than_a_minute(pauses: list[float]) -> None:
    window, now = Window(), 0.0
    for pause in pauses:
        now += pause
        window.keep(str(now - LONGEST_UTTERANCE), now)
        window.forget_old(now)

        assert all(now - float(begun) < 60 for begun in window.with_newest("")[:-1])


def test_words_said_in_two_utterances_stand_together() -> None:
    window = Window()
    window.keep("i have taken", 1.0)

    assert window.with_newest("all of them") == ("i have taken", "all of them")


def test_forgotten_words_are_overwritten() -> None:
    window = Window()
    window.keep(CANARY, 0.0)
    window.keep(CANARY, KEPT_SECONDS)
    (_, first), (_, second) = window._kept

    window.forget_old(KEPT_SECONDS)
    assert first == bytes(len(CANARY))
    assert window.with_newest("") == (CANARY, "")

    window.wipe()
    assert second == bytes(len(CANARY))
    assert window.with_newest("") == ("",)


def test_nothing_that_holds_words_shows_them() -> None:
    window = Window()
    window.keep(CANARY, 0.0)

    assert CANARY not in f"{window!r}{window}{Heard(CANARY, settled=True)!r}{Passage(CANARY.encode())!r}"


def run_sealed(code: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: sealing is for good."""
    sealed = "from speech import secrecy\nsecrecy.seal()\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", sealed], capture_output=True, text=True, check=False, timeout=20)


def test_a_sealed_process_cannot_be_dumped() -> None:
    done = run_sealed("""
        import ctypes, resource
        print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
    """)

    assert done.stdout.strip() == "0 (0, 0)"


def test_what_falls_names_its_class_and_nothing_else() -> None:
    done = run_sealed(f"""
        import asyncio, logging, threading
        def fall():
            heard = "{CANARY}"
            raise ValueError(heard)
        threading.Thread(target=fall).start()
        logging.getLogger("library").critical("{CANARY}")
        class Falls:
            def __del__(self): fall()
        Falls()
        async def main():
            loop = asyncio.get_running_loop()
            secrecy.guard(loop)
            loop.call_soon(fall)
            await asyncio.sleep(0.01)
        asyncio.run(main())
        fall()
    """)

    assert done.returncode == 1
    assert done.stderr.count("ValueError") == 4
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
