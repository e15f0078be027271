"""The one way in which the set-up fails: what went wrong, and what to do about it."""

from models.errors import AskersFault, WinglineError


class SetupFailed(AskersFault):
    """The set-up cannot go on until somebody does `remedy`."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(f"{what}\n  What to do: {remedy}")


class SourceFailed(WinglineError):
    """One place to get a file from did not give it; another may."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
