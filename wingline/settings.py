"""What this installation is: folders, ports and secrets; from the environment (WINGLINE_…) and one private file."""

import fcntl
import os
import secrets
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr.asterisk_config import Ports
from models.errors import AskersFault
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
    # Made from the texts and the site's own recordings; the same for every site of this installation.
    prompts: Path = Field(default_factory=lambda: places().home / "prompts")
    database: str = ""
    # The name of this process of the line, when several work on one database; each needs one of its own.
    node: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] = "line"
    sip_host: str = "127.0.0.1"
    sip_port: Port = 5060
    rtp_first: Port = 10000
    rtp_last: Port = 10999
    ami_port: Port = 25038
    agi_port: Port = 24573
    speech_port: Port = 24700
    console_host: str = "127.0.0.1"
    console_port: Port = 8100
    # As people's browsers reach the console, through the proxy with TLS: passkeys and the prison's directory need it.
    console_address: Annotated[str, Field(pattern=r"^(https://[^/]+|http://localhost(:\d+)?)?$")] = ""
    # "off" lets accounts sign in with a password alone: for a demonstration, or while people set up their apps.
    second_factor: bool = True
    # After so much quiet somebody is signed out; duty staff, whose screens stand on a wall, only at the end.
    session_idle_minutes: Annotated[int, Field(ge=5, le=720)] = 30
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12

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
        return Ports(self.sip_port, self.ami_port, self.agi_port, self.speech_port, self.rtp_first, self.rtp_last)


def read_settings(**given: object) -> Settings:
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them, and its error is turned into ours
    except ValidationError as error:
        raise BadSetting(error) from error


# "apart" marks prison numbers of keep-apart files: with another key no pair would be found again.
SECRETS = ("ami", "console", "trunk", "apart")


def read_secrets(data: Path) -> dict[str, str]:
    """Made once, readable by us alone; what a new release adds is made when it is first wanted."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(data / "secrets.toml", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        # Several programs may start at once, and each must see the same secrets.
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        missing = [name for name in SECRETS if name not in tomllib.loads(text)]
        added = "".join(f'\n{name} = "{secrets.token_hex(16)}"' for name in missing)
        file.write(added)
    return {name: str(value) for name, value in tomllib.loads(text + added).items()}
