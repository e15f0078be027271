"""A console with every page that there is: a rota, a profile that is signed here, a line that is set up."""

from pathlib import Path

from evening import PASSWORD_ALONE, SITE, FakeLine
from fastapi import FastAPI
from profiles_on_console import NoticesHere
from rota_on_console import SCHEME
from set_up_on_console import a_set_up

from console.app import create_app
from models.database import Database


def a_whole_console(database: Database, line: FakeLine, folder: Path) -> FastAPI:
    notices = NoticesHere(folder / "prompts")
    return create_app(
        database,
        line=line,
        secret="s" * 40,
        site=SITE,
        scheme=SCHEME,
        rules=PASSWORD_ALONE,
        apart_key=b"k" * 32,
        profiles_here=notices,
        set_up_here=a_set_up(folder, database, notices),
    )
