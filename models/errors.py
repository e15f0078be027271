"""One tree of errors; each builds its message from its facts and says whose fault it is."""

from models.phrases import Said, in_english


class WinglineError(Exception):
    """Anything that went wrong and that we can put in words with what to do.

    ``said`` is for who reads the console in their language; the text of the error itself is English.
    """

    def __init__(self, said: Said) -> None:
        super().__init__(in_english(said))
        self.said = said


class OurFault(WinglineError):
    """Wingline itself is wrong; nothing the asker does will help."""


class AskersFault(WinglineError):
    """What was asked for cannot be done as asked; the message says what to change."""


class AsterisksFault(WinglineError):
    """Asterisk refused, failed or did not answer."""


class UnknownName(AskersFault):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} called {name!r}")


class NotAllowed(AskersFault):
    def __init__(self, act: str, reason: str) -> None:
        super().__init__(f"cannot {act}: {reason}")


class Cannot(NotAllowed):
    """What is not allowed, and why, in a sentence of its own: "cannot …: …"."""

    def __init__(self, sentence: Said) -> None:
        AskersFault.__init__(self, sentence)


class ActionRefused(AsterisksFault):
    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"Asterisk refused {action}: {reason}")


class NotConnected(AsterisksFault):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not connected")


class BadProfile(AskersFault):
    def __init__(self, file: str, complaint: str) -> None:
        super().__init__(f"profile {file}: {complaint}")


class BadSite(AskersFault):
    def __init__(self, file: str, complaint: str) -> None:
        super().__init__(f"site file {file}: {complaint}")
