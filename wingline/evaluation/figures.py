"""What the flags of many calls come to. Only ids and numbers leave here, never words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.dangers import Danger


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call: what was in it, how long it was, and which kinds were flagged, in their order."""

    id: str
    expect: frozenset[Danger] | None
    hours: float
    flags: tuple[Danger, ...]
    voice: str = ""


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """See docs/evaluation.md. A figure is null where no line could give one."""
    dangerous = [one for one in outcomes if one.expect]
    harmless = [one for one in outcomes if one.expect is not None and not one.expect]
    unknown = [one for one in outcomes if one.expect is None]
    flagged = [one for one in harmless if one.flags]
    return {
        "lines": len(outcomes),
        "hours": round(sum(one.hours for one in outcomes), 4),
        "recall": _share(dangerous, of=_rightly),
        "recall_any": _share(dangerous, of=lambda one: bool(one.flags)),
        "recall_by_kind": {
            str(kind): _share([one for one in dangerous if one.expect and kind in one.expect], of=_rightly)
            for kind in Danger
            if any(one.expect and kind in one.expect for one in dangerous)
        },
        "false_flags_per_hour": _per_hour(harmless),
        "false_flag_lines": len(flagged),
        "false_flag_share": _share(harmless, of=lambda one: bool(one.flags)),
        "flags_per_hour": _per_hour(unknown),
        "missed": [one.id for one in dangerous if not _rightly(one)],
        "wrongly_flagged": [one.id for one in flagged],
    }


def quantiles(name: str, values: Sequence[float]) -> dict[str, float | None]:
    """The middle and the slow end."""
    return {
        f"{name}_p50": round(float(np.percentile(values, 50)), 2) if values else None,
        f"{name}_p95": round(float(np.percentile(values, 95)), 2) if values else None,
    }


def _rightly(one: Outcome) -> bool:
    return bool(one.expect and one.expect & set(one.flags))


def _share(outcomes: Sequence[Outcome], *, of: Any) -> float | None:
    return round(sum(map(of, outcomes)) / len(outcomes), 4) if outcomes else None


def _per_hour(outcomes: Sequence[Outcome]) -> float | None:
    hours = sum(one.hours for one in outcomes)
    return round(sum(len(one.flags) for one in outcomes) / hours, 3) if hours else None
