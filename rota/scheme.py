"""What a site has settled for its rota: the shifts that come again, and the rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from rota.problem import Weights
from rota.rules import Limits
from rota.slot import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """``new_for``: so long after the certificate a Listener without experience is never the only one on."""

    patterns: Sequence[Pattern]
    limits: Limits
    new_for: timedelta
    weights: Weights = field(default_factory=Weights)
