"""Reading the inbox."""

from uuid import UUID

from backend.inbox.service import InboxPage
from graphql_schema.connections import Connection, connect, decode_place, encode_place, page_size
from graphql_schema.context import Context
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import Notification
from identity.access import Action, require_signed_in
from identity.principal import PersonId
from notifications.inbox import InboxPosition


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
