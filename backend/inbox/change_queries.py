"""Reads of the changes of an inbox, always by `person_id`; they are numbered by `notifications.changes`."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, Uuid, bindparam, exists, or_
from sqlmodel import SQLModel, col

from backend.inbox.queries import ITEM
from backend.reading import Rows, Statement
from backend.shapes import Shape
from notifications.inbox import InboxItem
from notifications.tables import InboxStateRow, NotificationRow, WithdrawnRow


@dataclass(frozen=True, slots=True)
class InboxState:
    """How far the changes of an inbox are numbered, and whether some have no number yet."""

    epoch: UUID
    last_change: int
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A message as it is, with the number of its last change."""

    change: int
    item: InboxItem


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A message that is not there any more."""

    change: int
    id: UUID


_PERSON = bindparam("person_id", type_=Uuid())
_AFTER = bindparam("after", type_=BigInteger())
_UP_TO = bindparam("up_to", type_=BigInteger())
_LIMIT = bindparam("limit", type_=Integer())


def _unnumbered(table: type[SQLModel]) -> ColumnElement[bool]:
    rows = table.__table__.c  # type: ignore[attr-defined] # SQLModel sets it on tables
    return exists().where(rows.person_id == _PERSON, rows.change.is_(None))


_STATE_SHAPE = Shape(
    InboxState,
    col(InboxStateRow.epoch),
    col(InboxStateRow.last_change),
    or_(_unnumbered(NotificationRow), _unnumbered(WithdrawnRow)),
)
_STATE = Statement(_STATE_SHAPE.select().where(col(InboxStateRow.person_id) == _PERSON), _STATE_SHAPE)
_CHANGED_SHAPE = Shape(Changed, col(NotificationRow.change), ITEM)
_CHANGED = Statement(
    _CHANGED_SHAPE.select()
    .where(
        col(NotificationRow.person_id) == _PERSON,
        col(NotificationRow.change) > _AFTER,
        col(NotificationRow.change) <= _UP_TO,
    )
    .order_by(col(NotificationRow.change))
    .limit(_LIMIT),
    _CHANGED_SHAPE,
)
_WITHDRAWN_SHAPE = Shape(Withdrawn, col(WithdrawnRow.change), col(WithdrawnRow.notification_id))
_WITHDRAWN = Statement(
    _WITHDRAWN_SHAPE.select()
    .where(
        col(WithdrawnRow.person_id) == _PERSON,
        col(WithdrawnRow.change) > _AFTER,
        col(WithdrawnRow.change) <= _UP_TO,
    )
    .order_by(col(WithdrawnRow.change))
    .limit(_LIMIT),
    _WITHDRAWN_SHAPE,
)


async def read_state(rows: Rows, person_id: UUID) -> InboxState | None:
    """Return how far the changes are numbered; None for an inbox of which none ever was."""
    return await rows.row(_STATE, person_id=person_id)


async def list_changed(rows: Rows, person_id: UUID, *, after: int, up_to: int, limit: int) -> list[Changed]:
    """Return at most `limit` messages whose last change has a number in (after, up_to], in the order of these."""
    return await rows.rows(_CHANGED, person_id=person_id, after=after, up_to=up_to, limit=limit)


async def list_withdrawn(rows: Rows, person_id: UUID, *, after: int, up_to: int, limit: int) -> list[Withdrawn]:
    """Return at most `limit` withdrawn messages with a number in (after, up_to], in the order of these."""
    return await rows.rows(_WITHDRAWN, person_id=person_id, after=after, up_to=up_to, limit=limit)
