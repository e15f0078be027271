"""What this installation is: folders, ports and secrets; from the environment (WINGLINE_…) and one private file."""

import fcntl
import os
import re
import secrets
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr.asterisk_config import Ports
from models.errors import AskersFault, NotAllowed
from speech.door import Door
from wingline.setup.paths import places

Port = Annotated[int, Field(ge=1024, le=65535)]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BadSetting(AskersFault):
    def __init__(self, error: ValidationError) -> None:
        wrong = "; ".join(f"WINGLINE_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        super().__init__(f"a setting is wrong: {wrong}")


class Settings(BaseSettings):
    """Everything but the phones' own ports listens on loopback, unless a site says otherwise."""

    model_config = SettingsConfigDict(env_prefix="WINGLINE_", extra="ignore")

    data: Path = Field(default_factory=lambda: places().home / "site")
    # Made from the texts and the site's own recordings: each of several sites on a machine needs a folder of its own.
    prompts: Path = Field(default_factory=lambda: places().home / "prompts")
    database: str = ""
    # The name of this process of the line, when several work on one database; each needs one of its own.
    node: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] = "line"
    sip_host: str = "127.0.0.1"
    sip_port: Port = 5060
    sip_tls_port: Port = 5061
    rtp_first: Port = 10000
    rtp_last: Port = 10999
    ami_port: Port = 25038
    agi_port: Port = 24573
    speech_port: Port = 24700
    # With several speech processes elsewhere: the ports on loopback, one for each of them, through which a proxy brings
    # their reports (deploy/cluster). Then speech_port is the proxy's as well, and no speech is started here.
    speech_flags: Annotated[str, Field(pattern=r"^(\d{4,5}(,\d{4,5})*)?$")] = ""
    # Where phones register when a proxy stands before several exchanges (deploy/cluster): host:port.
    sip_proxy: Annotated[str, Field(pattern=r"^([A-Za-z0-9.-]+:\d{2,5})?$")] = ""
    console_host: str = "127.0.0.1"
    console_port: Port = 8100
    # As people's browsers reach the console, through the proxy with TLS: passkeys and the prison's directory need it.
    console_address: Annotated[str, Field(pattern=r"^(https://[^/]+|http://localhost(:\d+)?)?$")] = ""
    # "off" lets accounts sign in with a password alone: for a demonstration, or while people set up their apps.
    second_factor: bool = True
    # After so much quiet somebody is signed out; duty staff, whose screens stand on a wall, only at the end.
    session_idle_minutes: Annotated[int, Field(ge=5, le=720)] = 30
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12

    # Where `wingline backup` without a place, and an upgrade before it begins, put their backups.
    backups: Path = Field(default_factory=lambda: places().home / "backups")
    # Figures for a Prometheus on this machine (docs/metrics.md); 0 is off.
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'wingline.db'}"

    @property
    def site_file(self) -> Path:
        return self.data / "site.toml"

    @property
    def own_recordings(self) -> Path:
        """A site's own people's voices: <language>/<name>.wav, used instead of ours."""
        return self.data / "recordings"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def ports(self) -> Ports:
        return Ports(
            sip=self.sip_port,
            ami=self.ami_port,
            agi=self.agi_port,
            speech=self.speech_port,
            rtp_first=self.rtp_first,
            rtp_last=self.rtp_last,
            sip_tls=self.sip_tls_port,
        )

    @property
    def secrets_file(self) -> Path:
        return self.data / "secrets.toml"


def read_settings(**given: object) -> Settings:
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them, and its error is turned into ours
    except ValidationError as error:
        raise BadSetting(error) from error


# "apart" marks prison numbers of keep-apart files: with another key no pair would be found again.
SECRETS = ("ami", "console", "trunk", "apart", "agi", "speech")


def read_secrets(data: Path) -> dict[str, str]:
    """Made once, readable by us alone; what a new release adds is made when it is first wanted."""
    with _secrets_open(data) as file:
        text = file.read()
        missing = [name for name in SECRETS if name not in tomllib.loads(text)]
        added = "".join(f'\n{name} = "{secrets.token_hex(16)}"' for name in missing)
        file.write(added)
    return {name: str(value) for name, value in tomllib.loads(text + added).items()}


def renew_secrets(data: Path, names: Collection[str]) -> None:
    """New ones for these; the others, and what a site wrote beside them, stay as they are."""
    known = read_secrets(data)
    with _secrets_open(data) as file:
        text = file.read()
        for name in names:
            text = re.sub(rf"(?m)^{name}\s*=.*$", f'{name} = "{secrets.token_hex(16)}"', text)
        if any(tomllib.loads(text).get(name) == known[name] for name in names):
            raise NotAllowed("renew a secret", f"secrets.toml in {data} is not as it was made: one secret to a line")
        fresh = data / "secrets.new"
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        # Whole or not at all: with a lost "apart" no keep-apart pair would be found again.
        fresh.rename(data / "secrets.toml")


@contextmanager
def _secrets_open(data: Path) -> Iterator[TextIO]:
    """Several programs may start at once, and each must see the same secrets."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(data / "secrets.toml", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def speech_door(settings: Settings) -> Door:
    return Door(settings.speech_port, read_secrets(settings.data)["speech"])


def flags_doors(settings: Settings) -> list[Door]:
    """Where the reports of each speech process come in."""
    here = speech_door(settings)
    return [Door(int(port), here.secret) for port in settings.speech_flags.split(",") if port] or [here]
