"""The outbox: news for contacts as rows, claimed before they are sent and tried until they have left.

A claim moves the next try ahead before anything is sent, so that a line which dies in between leaves a row that comes
back by itself: at least once, and with the same id. Nothing is throttled, bundled or sent in turn. A message never
counts as delivered or acknowledged: only a key pressed on a phone, or an officer on the console, does.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from escalation import store
from escalation.contacts import Contact, Way
from escalation.messages import Fault, Message, MessageId, News, next_try, still_wanted
from escalation.sending import AT_MOST, Sender, in_time
from models import clock, tables
from models.database import Database
from models.words import EscalationId, Instant, SiteId

log = structlog.get_logger()

# So long after the end of the longest try the line that claimed it must be dead.
_GRACE = timedelta(seconds=3)


def _by_the_database(session: Session, now: Instant) -> Instant:
    del now
    return clock.of_database(session)


def queue(
    session: Session, escalation: tables.Escalation, contacts: Iterable[Contact], news: News, now: Instant
) -> None:
    """Writes a message for each contact, in the transaction of what it is about."""
    session.add_all(
        tables.Message(
            id=clock.new_id("msg"),
            escalation_id=escalation.id,
            contact=contact.name,
            way=contact.way,
            what=news,
            step=escalation.step,
            round=escalation.round,
            made_at=now,
            due_at=now,
            tries=0,
        )
        for contact in contacts
    )
    session.flush()


def told_of(session: Session, escalation: EscalationId, contacts: Iterable[Contact]) -> Sequence[Contact]:
    """Those who have been sent word of it, and so want to hear how it goes on."""
    row = tables.Message
    names = set(session.scalars(select(row.contact).where(row.escalation_id == escalation).distinct()))
    return [contact for contact in contacts if contact.name in names]


def ids_due(session: Session, site: SiteId, now: Instant) -> Sequence[MessageId]:
    row, escalation = tables.Message, tables.Escalation
    of_site = row.escalation_id.in_(select(escalation.id).where(escalation.site_id == site))
    found = session.scalars(select(row.id).where(row.due_at <= now, of_site).order_by(row.made_at, row.id))
    return [MessageId(one) for one in found]


def claim(session: Session, due: MessageId, contacts: Mapping[str, Contact], now: Instant) -> Message | None:
    """Nobody else tries it before the longest try would have ended. None when somebody has it, or it is over."""
    asked = select(tables.Message).where(tables.Message.id == due, tables.Message.due_at <= now)
    row = session.scalar(asked.with_for_update(skip_locked=True))
    if row is None:
        return None
    about = session.get_one(tables.Escalation, row.escalation_id)
    if not still_wanted(News(row.what), about.closed_at, now):
        row.given_up_at, row.due_at = now, None
        return None
    row.tries += 1
    contact = contacts.get(row.contact)
    if contact is None:
        row.last_error, row.due_at = Fault.NO_CONTACT, next_try(row.tries, now)
        return None
    row.due_at = now + AT_MOST[contact.way] + _GRACE
    return _message(session, row, contact)


def has_left(session: Session, message: Message, now: Instant) -> None:
    """Whoever sent it, and however late it is known."""
    still = (tables.Message.id == message.id, tables.Message.sent_at.is_(None))
    session.execute(update(tables.Message).where(*still).values(sent_at=now, due_at=None, last_error=None))


def has_failed(session: Session, message: Message, fault: Fault, now: Instant) -> None:
    """Counts for the try that failed alone: another node may have tried again meanwhile."""
    row = tables.Message
    still = (row.id == message.id, row.tries == message.tries, row.due_at.is_not(None))
    session.execute(update(row).where(*still).values(last_error=fault, due_at=next_try(message.tries, now)))


def _message(session: Session, row: tables.Message, contact: Contact) -> Message:
    told = store.disclosure(session, EscalationId(row.escalation_id))
    return Message(
        id=MessageId(row.id),
        escalation=EscalationId(row.escalation_id),
        contact=contact,
        news=News(row.what),
        cause=told.cause,
        danger=told.danger,
        location=told.location if contact.tells_location else None,
        raised_at=told.raised_at,
        step=row.step,
        round=row.round,
        made_at=row.made_at,
        tries=row.tries,
    )


class Outbox:
    """One node's hand in the outbox; any number may tick over the same rows.

    ``clock`` is asked inside each transaction. What is due was written by the database's clock, and a claim by one
    node's own clock could have run out already by another's.
    """

    def __init__(
        self,
        database: Database,
        site: SiteId,
        contacts: Iterable[Contact],
        senders: Mapping[Way, Sender],
        *,
        clock: Callable[[Session, Instant], Instant] = _by_the_database,
    ) -> None:
        self._database = database
        self._site = site
        self._contacts = {contact.name: contact for contact in contacts}
        self._senders = senders
        self._clock = clock
        self._trying: set[asyncio.Task[None]] = set()

    async def tick(self, now: Instant) -> None:
        """Starts whatever is due by now, side by side; a server that hangs keeps no other message waiting."""
        due = await self._database.run(lambda session: ids_due(session, self._site, self._clock(session, now)))
        await asyncio.gather(*(self._claim(one, now) for one in due))

    async def until_idle(self) -> None:
        """When every try that has begun has ended."""
        while self._trying:
            await asyncio.wait(self._trying)

    async def stop(self) -> None:
        """What is being tried is tried again when the claim runs out, here or on another node."""
        for task in self._trying:
            task.cancel()
        await self.until_idle()

    async def _claim(self, due: MessageId, now: Instant) -> None:
        """One transaction for each: a message that cannot be made must not silence the others."""
        try:
            message = await self._database.run(
                lambda session: claim(session, due, self._contacts, self._clock(session, now))
            )
        except Exception as error:  # noqa: BLE001  its message may repeat a row
            log.error("message.failed", message=due, error=type(error).__name__)  # noqa: TRY400  no traceback
            return
        if message is not None:
            task = asyncio.create_task(self._try(message))
            self._trying.add(task)
            task.add_done_callback(self._trying.discard)

    async def _try(self, message: Message) -> None:
        fault = await self._fault_of_trying(message)

        def note(session: Session) -> None:
            ended = self._clock(session, clock.now())
            if fault is None:
                has_left(session, message, ended)
            else:
                has_failed(session, message, fault, ended)

        try:
            await self._database.run(note)
        except SQLAlchemyError as error:
            # The claim runs out, and it is tried again.
            log.error("message.not_written", message=message.id, error=type(error).__name__)  # noqa: TRY400
        if fault is None:
            log.info("message.sent", message=message.id, way=message.contact.way.value, tries=message.tries)
        else:
            log.warning("message.not_sent", message=message.id, way=message.contact.way.value, fault=fault.value)

    async def _fault_of_trying(self, message: Message) -> Fault | None:
        way = message.contact.way
        try:
            return await in_time(way, self._senders[way].send(message))
        except Exception as error:  # noqa: BLE001  its message may repeat an address or a secret
            log.error("message.failed", message=message.id, error=type(error).__name__)  # noqa: TRY400  no traceback
            return Fault.OURS
