"""The voice that can say every text: espeak-ng, a program on its own."""

import subprocess
from collections.abc import Sequence
from io import BytesIO

from ivr.prompts.sound import Sound
from ivr.prompts.texts import Voice
from ivr.prompts.wav import read_wav
from models.errors import OurFault


class CannotSpeak(OurFault):
    def __init__(self, reason: str) -> None:
        super().__init__(f"espeak-ng did not speak: {reason}")


def speak(espeak: Sequence[str], text: str, voice: Voice) -> Sound:
    """``espeak`` is how to start it, up to its first argument of ours."""
    command = [*espeak, "-v", voice.espeak, "-s", str(voice.speed), "--stdin", "--stdout"]
    try:
        spoken = subprocess.run(command, input=text.encode(), capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotSpeak(str(error)) from error
    if not spoken.stdout:
        raise CannotSpeak(f"nothing came for {text!r}")
    return read_wav(BytesIO(spoken.stdout))
