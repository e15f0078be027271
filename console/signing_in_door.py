"""What signing in works with: the rules of the settings, keys, and brakes on guessing."""

from dataclasses import dataclass, field
from datetime import timedelta

from console.accounts_totp import Seal
from console.oidc import Link
from console.passkeys import Challenges, Relying
from console.sessions import Throttle
from console.signing_in_rules import SigningIn

# Many people may come from one address, through the prison's proxy.
TRIES_AN_ADDRESS = 30
# Whoever gets as far as a wrong code has the password: six digits must not be tried out after it.
WRONG_CODES = 10
WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Door:
    """One site's way in."""

    rules: SigningIn
    seal: Seal
    challenges: Challenges
    link: Link | None = None
    by_address: Throttle = field(default_factory=lambda: Throttle(TRIES_AN_ADDRESS))
    wrong_codes: Throttle = field(default_factory=lambda: Throttle(WRONG_CODES, WITHIN))

    @property
    def relying(self) -> Relying | None:
        """Nobody has a passkey where the settings do not say which address it is for."""
        return Relying(self.rules.address) if self.rules.address else None


def door_of(secret: str, rules: SigningIn) -> Door:
    return Door(rules, Seal(secret), Challenges(secret), _link(secret, rules))


def _link(secret: str, rules: SigningIn) -> Link | None:
    """A directory sends people back to an address: without one there is no way by it."""
    if rules.directory is None or rules.address is None:
        return None
    return Link(rules.directory, address=rules.address, secret=secret)
