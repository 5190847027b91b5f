"""Reading the inbox."""

from uuid import UUID

from backend.inbox.changes import SyncPoint
from backend.inbox.service import InboxPage
from graphql_schema.connections import (
    Connection,
    connect,
    decode_cursor,
    decode_place,
    encode_cursor,
    encode_place,
    page_size,
)
from graphql_schema.context import Context
from graphql_schema.errors import BadCursor
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import Notification, NotificationChanges
from graphql_schema.node import encode_id
from graphql_schema.scalars import SyncCursor
from identity.access import Action, require_signed_in
from identity.principal import PersonId
from notifications.inbox import InboxPosition

_LONGEST_NUMBER = 18
"""Digits of a number that every database keeps."""


async def list_inbox(
    context: Context, person_id: PersonId, *, first: int | None, after: str | None
) -> Connection[Notification]:
    """Return a page of a person's inbox, newest first; raises as `InboxService.list_page` does.

    Raises:
        PageSizeRefused: `first` is out of its bounds.
        BadCursor: `after` is not a cursor of an inbox.
    """
    limit = page_size(first)
    position = InboxPosition(*decode_place(after)) if after is not None else None
    page = await context.services.inbox.list_page(context.principal, person_id, limit=limit, after=position)
    return _to_connection(page, NotificationWriter(context, person_id))


async def list_changes(
    context: Context, person_id: PersonId, *, first: int | None, since: SyncCursor | None
) -> NotificationChanges:
    """Return what a copy of a person's inbox lacks; raises as `InboxChanges.since` does.

    Raises:
        PageSizeRefused: `first` is out of its bounds.
        BadCursor: `since` is no cursor of a copy.
    """
    limit = page_size(first)
    point = None if since is None else _read_point(since)
    changes = await context.services.inbox_changes.since(context.principal, person_id, point, limit=limit)
    writer = NotificationWriter(context, person_id)
    return NotificationChanges(
        nodes=[writer.notification(item) for item in changes.items],
        tombstones=[encode_id("Notification", uuid) for uuid in changes.withdrawn],
        next_cursor=None if changes.point is None else _write_point(changes.point),
        has_next=changes.has_next,
        resync_required=changes.point is None,
    )


def _write_point(point: SyncPoint) -> SyncCursor:
    return SyncCursor(encode_cursor(point.epoch.hex, str(point.change)))


def _read_point(cursor: SyncCursor) -> SyncPoint:
    epoch, change = decode_cursor(cursor, 2)
    if not change.isascii() or not change.isdecimal() or len(change) > _LONGEST_NUMBER:
        raise BadCursor
    try:
        return SyncPoint(UUID(hex=epoch), int(change))
    except ValueError as error:
        raise BadCursor from error


async def load_notification(context: Context, uuid: UUID) -> Notification | None:
    """Return a message by the UUID of the global id; None for a missing one and for another's alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
        AccountNotConfirmed: The account is not confirmed.
        AccessRefused: Not in this capacity.
    """
    actor = require_signed_in(context.principal, Action.READ_INBOX)
    items = await context.services.inbox.find_items(actor, actor.person_id, [uuid])
    return NotificationWriter(context, actor.person_id).notification(items[uuid]) if uuid in items else None


def _to_connection(page: InboxPage, writer: NotificationWriter) -> Connection[Notification]:
    return connect(
        [writer.notification(item) for item in page.items],
        write_cursor=lambda place: encode_place(page.items[place].created_at, page.items[place].id),
        has_next=page.has_next,
    )
