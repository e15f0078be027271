"""What can be wrong with a backup, with what to do."""

from pathlib import Path

from models.errors import AskersFault, WinglineError


class NoRecipients(AskersFault):
    def __init__(self) -> None:
        super().__init__(
            "no backup without recipients: it would lie there for anybody to read.\n"
            "  What to do: make a key on another machine (age-keygen, Debian's package age), keep it there, and write\n"
            "  [backups] with its public half into the site file (docs/site-example.toml)."
        )


class NoTool(AskersFault):
    def __init__(self, tool: str) -> None:
        super().__init__(f"{tool} is missing: PostgreSQL is copied with it. sudo apt-get install postgresql-client")


class ToolFailed(WinglineError):
    """``said`` is the first line of the program's own words: names of tables and servers, no rows."""

    def __init__(self, tool: str, said: str) -> None:
        super().__init__(f"{tool} failed: {said.strip().splitlines()[0] if said.strip() else 'without a word'}")


class NotWritten(WinglineError):
    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            f"{file} cannot be written ({error.strerror}). Nothing is left of it, and older backups are as they were."
        )


class NotOpened(AskersFault):
    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file} cannot be opened: {why}. Nothing was changed.")


class StillRuns(AskersFault):
    def __init__(self, data: Path) -> None:
        super().__init__(f"programs of {data} are still running. End wingline up first: nothing was changed.")


class DataThere(AskersFault):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"there is data already: {what}. Nothing was changed.\n"
            "  What to do: --replace moves what is there aside, where it can be fetched back from, and then restores."
        )
