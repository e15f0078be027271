"""A console on which a line is set up: a real site file, recordings in a folder, and an Asterisk that is only told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evening import SITE
from profiles_on_console import NoticesHere

from ivr.recorder import Keep
from models.database import Database
from models.errors import NotConnected
from models.words import PhoneId, Prompt
from wingline.reloading import Reloaded
from wingline.set_up_here import SetUpHere
from wingline.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"
A_SECRET = "not-for-the-console"  # noqa: S105 - that it is not shown is tested


@dataclass
class Exchange:
    """Remembers which phones were rung and how often it read its files again."""

    rung: list[tuple[PhoneId, Sequence[str]]] = field(default_factory=list)
    reloads: int = 0
    up: bool = True
    refuses: Exception | None = None
    recordings: dict[PhoneId, tuple[Prompt, Keep]] = field(default_factory=dict)

    async def reload(self) -> Reloaded:
        if not self.up:
            raise NotConnected("Asterisk")
        self.reloads += 1
        return Reloaded(("extensions.conf",), ())

    async def ring(self, phone: PhoneId, files: Sequence[str]) -> None:
        if self.refuses:
            raise self.refuses
        self.rung.append((phone, files))

    async def record(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None:
        await self.ring(phone, ())
        self.recordings[phone] = (prompt, keep)


def a_set_up(folder: Path, database: Database, notices: NoticesHere, exchange: Exchange | None = None) -> SetUpHere:
    settings = Settings(data=folder / "site")
    settings.data.mkdir(parents=True)
    text = EXAMPLE.read_text("utf-8").replace('id = "example"', f'id = "{SITE}"')
    contact = f'# {A_SECRET}\n[[contacts]]\nname = "pager"\npost = "healthcare"\nway = "webhook"\n'
    contact += f'address = "https://pager.example.net/{A_SECRET}"\nsecret = "pager"\ntells_location = false\n'
    settings.site_file.write_text(text + "\n" + contact, "utf-8")
    there = exchange or Exchange()
    return SetUpHere(settings, database, notices, reload=there.reload, phones=there)
