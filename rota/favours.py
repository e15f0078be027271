"""What a draft is to favour, so that two drafts of the same days differ in something that people can weigh."""

from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from models import tables
from rota.problem import Problem, Weights

# Of all that is weighed an empty seat still costs most by far: no draft leaves one for the sake of something else.
MORE = 10


class Favours(StrEnum):
    """Each is a kind of draft, and has its own letter."""

    AS_SETTLED = "as_settled"
    FEW_CHANGES = "few_changes"
    FAIR_SHARES = "fair_shares"
    WISHES = "wishes"

    @property
    def letter(self) -> str:
        return "ABCD"[list(Favours).index(self)]


def favouring(problem: Problem, favours: Favours) -> Problem:
    """The same days, people and rules, with one kind of cost weighed more than the scheme has settled."""
    return replace(problem, weights=_weights(problem.weights, favours))


def mark(session: Session, rota: str, favours: Favours) -> None:
    """Says of a draft what it was made to favour."""
    session.get_one(tables.Rota, rota).favours = favours.value
    session.flush()


def _weights(settled: Weights, favours: Favours) -> Weights:
    match favours:
        case Favours.AS_SETTLED:
            return settled
        case Favours.FEW_CHANGES:
            return replace(settled, changed=settled.changed * MORE)
        case Favours.FAIR_SHARES:
            return replace(
                settled,
                unfair_hour=settled.unfair_hour * MORE,
                unfair_night=settled.unfair_night * MORE,
                unfair_weekend=settled.unfair_weekend * MORE,
            )
        case Favours.WISHES:
            return replace(settled, rather_not=settled.rather_not * MORE, likes=settled.likes * MORE)
