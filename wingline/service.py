"""The programs of one installation: Asterisk, line, and speech unless it is elsewhere; each started when it ends."""

import os
import sys

from ivr.asterisk_config import Exchange
from speech.__main__ import MODEL_VARIABLE, SECOND_VARIABLE
from wingline import exchange as asterisk
from wingline.children import Child
from wingline.settings import Settings
from wingline.setup.graph import hearing_folder
from wingline.setup.model import MOONSHINE, model_folder
from wingline.setup.paths import places


class Service:
    """The children. They do not know each other's fate; each finds the others again by itself."""

    def __init__(self, settings: Settings, exchange: Exchange) -> None:
        self.asterisk = Child("asterisk", asterisk.command(exchange), settings.logs, {})
        self.speech = Child("speech", speech_command(settings), settings.logs, hears_with())
        self.line = Child("line", [python(), "-m", "wingline.line"], settings.logs, environment(settings))
        self.hears_here = not settings.speech_flags

    @property
    def children(self) -> tuple[Child, ...]:
        return (self.asterisk, self.speech, self.line) if self.hears_here else (self.asterisk, self.line)

    async def start(self) -> None:
        for child in self.children:
            await child.start()

    async def stop(self) -> None:
        """The line first, so that it does not see the others go."""
        for child in reversed(self.children):
            await child.stop()


def speech_command(settings: Settings) -> list[str]:
    return [python(), "-m", "speech", "--port", str(settings.speech_port), "--secrets", str(settings.secrets_file)]


def hears_with() -> dict[str, str]:
    """The settings by which `speech` finds its models; those that are set already go before ours."""
    where = places()
    models = {MODEL_VARIABLE: hearing_folder(where), SECOND_VARIABLE: model_folder(where, MOONSHINE)}
    return {name: os.environ.get(name, str(folder)) for name, folder in models.items()}


def python() -> str:
    """WINGLINE_PYTHON may be a link that an upgrade moves: the next process of the line is then of the new release."""
    return os.environ.get("WINGLINE_PYTHON", sys.executable)


def environment(settings: Settings) -> dict[str, str]:
    """The settings, as the line's own process reads them."""
    return {f"WINGLINE_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
