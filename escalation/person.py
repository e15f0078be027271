"""Who a person in a cell is, as the prison says; kept with an escalation that tells it, and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    prison_number: str
    preferred_name: str
