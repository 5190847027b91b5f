"""All reading of the access log, by `person_id`, and of the officer's queue, over all people."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, Uuid, and_, bindparam, or_, tuple_
from sqlmodel import col

from backend.oversight.values import (
    EmergencyReviewed,
    EntryReviewed,
    LogEntry,
    LogFilter,
    OwnHour,
    QueuePosition,
    Report,
    ReviewItem,
)
from backend.profile.tables import PersonRow
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among
from identity.audit_tables import AuditEntryRow, AuditOutcome, OwnAccessRow
from identity.columns import choice
from identity.emergency_tables import EmergencyRow, ReviewRow
from identity.principal import PersonId
from identity.review_values import ReviewState

_LIMIT = bindparam("limit", type_=Integer())
_PERSON = bindparam("person_id", type_=Uuid())

_ENTRY = Shape(
    LogEntry,
    col(AuditEntryRow.person_id),
    col(AuditEntryRow.sequence),
    col(AuditEntryRow.at),
    col(AuditEntryRow.actor_id),
    col(AuditEntryRow.actor_kind),
    col(AuditEntryRow.capacity),
    col(AuditEntryRow.purpose),
    col(AuditEntryRow.organization),
    col(AuditEntryRow.on_behalf_of),
    col(AuditEntryRow.actions),
    col(AuditEntryRow.outcome),
    col(AuditEntryRow.times),
    col(AuditEntryRow.reference),
    Shape(
        Report,
        col(ReviewRow.opened_at),
        col(ReviewRow.state),
        col(ReviewRow.verdict),
        col(ReviewRow.settled_at),
        optional=True,
    ),
)
_sequence = col(AuditEntryRow.sequence)
_OTHERS_ONLY = bindparam("others_only", type_=Boolean())
_REPORTED = and_(col(ReviewRow.person_id) == col(AuditEntryRow.person_id), col(ReviewRow.entry) == _sequence)
_LOG = (
    _ENTRY.select()
    .select_from(AuditEntryRow)
    .outerjoin(ReviewRow, _REPORTED)
    .where(col(AuditEntryRow.person_id) == _PERSON)
)
_NEWEST_FIRST = (
    _LOG.where(
        or_(_OTHERS_ONLY.is_(False), col(AuditEntryRow.actor_id) != col(AuditEntryRow.person_id)),
        among(col(AuditEntryRow.outcome), "outcomes"),
    )
    .order_by(_sequence.desc())
    .limit(_LIMIT)
)
_FIRST_PAGE = Statement(_NEWEST_FIRST, _ENTRY)
_LATER_PAGE = Statement(_NEWEST_FIRST.where(_sequence < bindparam("before", type_=BigInteger())), _ENTRY)
_BY_SEQUENCES = Statement(_LOG.where(among(_sequence, "sequences")), _ENTRY)

_HOUR = Shape(
    OwnHour,
    col(OwnAccessRow.hour),
    col(OwnAccessRow.actor_kind),
    col(OwnAccessRow.actions),
    col(OwnAccessRow.times),
    col(OwnAccessRow.reference),
)
_HOURS = Statement(
    _HOUR.select()
    .where(col(OwnAccessRow.person_id) == _PERSON)
    .order_by(col(OwnAccessRow.hour).desc(), col(OwnAccessRow.session_id))
    .limit(_LIMIT),
    _HOUR,
)


def _full_name(person_id: PersonId, family: str, given: str, patronymic: str | None) -> tuple[PersonId, str]:
    return person_id, " ".join(part for part in (family, given, patronymic) if part)


_NAME = Shape(
    _full_name, col(PersonRow.id), col(PersonRow.family_name), col(PersonRow.given_name), col(PersonRow.patronymic)
)
_NAMES = Statement(_NAME.select().where(among(col(PersonRow.id), "ids")), _NAME)

_REVIEW = Shape(
    ReviewItem,
    col(ReviewRow.id),
    col(ReviewRow.person_id),
    col(ReviewRow.source),
    col(ReviewRow.opened_at),
    col(ReviewRow.comment),
    col(ReviewRow.state),
    col(ReviewRow.verdict),
    col(ReviewRow.note),
    col(ReviewRow.settled_at),
    Shape(
        EmergencyReviewed,
        col(EmergencyRow.id),
        col(EmergencyRow.actor_id),
        col(EmergencyRow.actor_kind),
        col(EmergencyRow.organization),
        col(EmergencyRow.category),
        col(EmergencyRow.reason),
        col(EmergencyRow.opened_at),
        col(EmergencyRow.expires_at),
        optional=True,
    ),
    Shape(
        EntryReviewed,
        col(AuditEntryRow.sequence),
        col(AuditEntryRow.at),
        col(AuditEntryRow.actor_id),
        col(AuditEntryRow.actor_kind),
        col(AuditEntryRow.organization),
        col(AuditEntryRow.capacity),
        col(AuditEntryRow.actions),
        col(AuditEntryRow.outcome),
        col(AuditEntryRow.times),
        optional=True,
    ),
)
_REVIEWS = (
    _REVIEW.select()
    .select_from(ReviewRow)
    .outerjoin(
        EmergencyRow,
        and_(
            col(EmergencyRow.person_id) == col(ReviewRow.person_id), col(EmergencyRow.id) == col(ReviewRow.emergency_id)
        ),
    )
    .outerjoin(
        AuditEntryRow,
        and_(col(AuditEntryRow.person_id) == col(ReviewRow.person_id), col(ReviewRow.entry) == _sequence),
    )
)
_OPENED, _ID = col(ReviewRow.opened_at), col(ReviewRow.id)
_AFTER = tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
_QUEUE = (
    _REVIEWS.where(col(ReviewRow.state) == bindparam("state", type_=choice(ReviewState, "reviews_state")))
    .order_by(_OPENED, _ID)
    .limit(_LIMIT)
)
_FIRST_OF_QUEUE = Statement(_QUEUE, _REVIEW)
_LATER_OF_QUEUE = Statement(_QUEUE.where(tuple_(_OPENED, _ID) > _AFTER), _REVIEW)
_REVIEW_BY_ID = Statement(
    _REVIEWS.where(col(ReviewRow.person_id) == _PERSON, bindparam("id", type_=Uuid()) == _ID), _REVIEW
)


async def list_entries(
    rows: Rows, person_id: PersonId, wanted: LogFilter, *, limit: int, before: int | None
) -> list[LogEntry]:
    """Return at most `limit` entries of a log, the last written first, before the sequence `before`."""
    narrowed = {
        "others_only": wanted.others_only,
        "outcomes": [wanted.outcome] if wanted.outcome else list(AuditOutcome),
    }
    if before is None:
        return await rows.rows(_FIRST_PAGE, person_id=person_id, limit=limit, **narrowed)
    return await rows.rows(_LATER_PAGE, person_id=person_id, limit=limit, before=before, **narrowed)


async def find_entries(rows: Rows, person_id: PersonId, sequences: Collection[int]) -> dict[int, LogEntry]:
    """Return those entries that exist, by sequence."""
    found = await rows.rows(_BY_SEQUENCES, person_id=person_id, sequences=sequences)
    return {one.sequence: one for one in found}


async def list_own_hours(rows: Rows, person_id: PersonId, *, limit: int) -> list[OwnHour]:
    """Return the hours of own use that are not in the log yet, newest first."""
    return await rows.rows(_HOURS, person_id=person_id, limit=limit)


async def find_names(rows: Rows, ids: Collection[UUID]) -> dict[PersonId, str]:
    """Return the full names of those people who are known, by id."""
    return dict(await rows.rows(_NAMES, ids=ids))


async def list_queue(
    rows: Rows, state: ReviewState, *, limit: int, after: QueuePosition | None = None
) -> list[ReviewItem]:
    """Return at most `limit` reviews in a state, oldest first, from `after` on (exclusive)."""
    if after is None:
        return await rows.rows(_FIRST_OF_QUEUE, state=state, limit=limit)
    return await rows.rows(_LATER_OF_QUEUE, state=state, limit=limit, after=after.opened_at, after_id=after.id)


async def find_review(rows: Rows, person_id: PersonId, review_id: UUID) -> ReviewItem | None:
    """Return one review."""
    return await rows.row(_REVIEW_BY_ID, person_id=person_id, id=review_id)
