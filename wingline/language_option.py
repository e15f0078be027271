"""In which language a command says what a reader of the console would read there."""

from enum import StrEnum
from typing import Annotated

import typer

from console.language import ENGLISH, WELSH


class Code(StrEnum):
    """Those of the console."""

    EN = ENGLISH
    CY = WELSH


InLanguage = Annotated[Code, typer.Option("--language", help="English or Welsh; --json stays English.")]
