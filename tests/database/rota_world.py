"""A small prison with a scheme for its rota, in a database."""

from datetime import UTC, date, datetime, time, timedelta

from builders import SITE, a_listener, a_phone, a_site, a_wing
from sqlalchemy.orm import Session

from models.words import PhoneKind, SiteId
from rota import site_rota
from rota.problem import Problem
from rota.rules import Limits
from rota.scheme import Scheme
from rota.site_rota import By, Draft
from rota.slot import Pattern
from rota.solution import Effort
from rota.solver import solve

PRISON = SiteId(SITE)
FIRST = date(2026, 3, 16)
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
ANN = By("ann", NOW)
SCHEME = Scheme(
    patterns=[Pattern(name="night", starts=time(22), ends=time(2), first=1, backup=1)],
    limits=Limits(nights_in_a_row=3, weekly_minutes=1200),
    new_for=timedelta(days=30),
)


def a_prison(session: Session, *names: str) -> None:
    """Listeners with phones, certified from long ago."""
    session.add(a_site())
    session.flush()
    session.add_all([a_wing("A"), a_wing("B")])
    session.add_all(a_phone(PhoneKind.LISTENER, id=f"phone-{name}") for name in names)
    session.flush()
    session.add_all(a_listener(name, phone_id=f"phone-{name}", experienced=True) for name in names)
    session.flush()


def the_problem(session: Session, days: int = 7) -> Problem:
    return site_rota.problem_of(session, PRISON, SCHEME, since=FIRST, days=days)


def a_draft(session: Session, days: int = 7) -> Draft:
    problem = the_problem(session, days)
    found = solve(problem, Effort(seconds=10))
    return site_rota.draft(session, PRISON, site_rota.keep_draft(session, PRISON, problem, found.assigned, ANN))


def a_published_rota(session: Session, days: int = 7) -> Draft:
    draft = a_draft(session, days)
    site_rota.publish(session, PRISON, the_problem(session, days), draft, ANN)
    return draft
