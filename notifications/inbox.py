"""The inbox of one person: all SQL that reads it or marks it seen, always by `person_id`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, func, literal, tuple_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.messages import MessageKind, Severity
from notifications.tables import NotificationRow
from notifications.templates import Language, Text, templates


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One message as kept; instants are aware UTC."""

    id: UUID
    person_id: UUID
    kind: MessageKind
    severity: Severity
    parameters: Mapping[str, str] = field(repr=False)
    template_version: int
    subject_id: UUID | None
    created_at: datetime
    seen_at: datetime | None

    def written_in(self, language: Language) -> Text:
        """Write it in one language, with the version of the text it was made with."""
        return templates().render(self.kind, self.template_version, self.parameters, language=language)


@dataclass(frozen=True, slots=True)
class InboxPosition:
    """A place between two messages of the list: just after this one."""

    created_at: datetime
    id: UUID


async def list_newest(
    session: AsyncSession, person_id: UUID, *, limit: int, after: InboxPosition | None = None
) -> list[InboxItem]:
    """Return at most `limit` messages, newest first, from `after` on (exclusive)."""
    order = tuple_(col(NotificationRow.created_at), col(NotificationRow.id))
    statement = select(NotificationRow).where(col(NotificationRow.person_id) == person_id)
    if after is not None:
        statement = statement.where(
            order < tuple_(literal(after.created_at, DateTime(timezone=True)), literal(after.id, Uuid()))
        )
    newest_first = statement.order_by(col(NotificationRow.created_at).desc(), col(NotificationRow.id).desc())
    return [_to_item(row) for row in await session.exec(newest_first.limit(limit))]


async def find_items(session: AsyncSession, person_id: UUID, ids: Collection[UUID]) -> dict[UUID, InboxItem]:
    """Return those of the messages that exist and are this person's, by id."""
    statement = select(NotificationRow).where(
        col(NotificationRow.person_id) == person_id, col(NotificationRow.id).in_(ids)
    )
    return {row.id: _to_item(row) for row in await session.exec(statement)}


async def count_unseen(session: AsyncSession, person_id: UUID) -> int:
    """Count the messages that the person has not seen."""
    statement = (
        select(func.count())
        .select_from(NotificationRow)
        .where(col(NotificationRow.person_id) == person_id, col(NotificationRow.seen_at).is_(None))
    )
    return (await session.exec(statement)).one()


async def mark_seen(session: AsyncSession, person_id: UUID, ids: Collection[UUID], *, now: datetime) -> None:
    """Note that the person saw these messages; what was seen before keeps its time, a foreign id is not touched."""
    await session.exec(
        update(NotificationRow)
        .where(
            col(NotificationRow.person_id) == person_id,
            col(NotificationRow.id).in_(ids),
            col(NotificationRow.seen_at).is_(None),
        )
        .values(seen_at=now)
    )


def _to_item(row: NotificationRow) -> InboxItem:
    return InboxItem(
        id=row.id,
        person_id=row.person_id,
        kind=row.kind,
        severity=row.severity,
        parameters=row.parameters,
        template_version=row.template_version,
        subject_id=row.subject_id,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
