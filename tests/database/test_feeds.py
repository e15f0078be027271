"""Calendar feeds, by secret."""

from datetime import timedelta

from builders import NOON, a_shift_row
from rota_world import a_prison

from models import tables
from models.database import Database
from models.words import ListenerId
from rota.feeds import new_feed, revoke, shifts_of_feed

OWL = ListenerId("listener-owl")


def test_a_feed_holds_the_listeners_own_shifts(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl", "wren")
        session.add_all([a_shift_row("owl", id="mine"), a_shift_row("wren", id="theirs")])
        session.flush()

        shifts = shifts_of_feed(session, new_feed(session, OWL), now=NOON)
        assert shifts is not None
        assert [shift.id for shift in shifts] == ["mine"]


def test_the_secret_itself_is_not_kept(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")

        secret = new_feed(session, OWL)
        assert secret not in str(session.get_one(tables.Listener, OWL).calendar)


def test_a_feed_that_was_taken_back_or_replaced_opens_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        first, second = new_feed(session, OWL), new_feed(session, OWL)

        assert shifts_of_feed(session, first, now=NOON) is None
        assert shifts_of_feed(session, second, now=NOON + timedelta(hours=1)) == ()
        revoke(session, OWL)
        assert shifts_of_feed(session, second, now=NOON) is None
        assert shifts_of_feed(session, "", now=NOON) is None
