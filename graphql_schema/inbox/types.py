"""Messages as clients see them."""

from enum import Enum
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from graphql_schema.errors import UserError
from graphql_schema.fields import field
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime


@strawberry.enum(description="What a message is about. New kinds may appear: show an unknown one by its texts.")
class NotificationKind(Enum):
    """Kind."""

    APPOINTMENT_BOOKED = strawberry.enum_value("appointment_booked", description="An appointment was booked.")
    APPOINTMENT_CANCELLED = strawberry.enum_value("appointment_cancelled", description="An appointment was cancelled.")
    CALLER_CODE = strawberry.enum_value(
        "caller_code", description="A code to tell an operator of 122 whom the person has called."
    )
    WELCOME = strawberry.enum_value("welcome", description="The first message of an inbox.")


@strawberry.enum(description="How hard a message presses.")
class NotificationSeverity(Enum):
    """Severity."""

    CAMPAIGN = strawberry.enum_value("campaign", description="An invitation; may wait.")
    CRITICAL = strawberry.enum_value("critical", description="To be read at once.")
    TRANSACTIONAL = strawberry.enum_value("transactional", description="About something the person did or waits for.")


@strawberry.type(description="One message in a person's inbox.")
class Notification(Node):
    """A message, written in the reader's language."""

    kind: NotificationKind = strawberry.field(description="What it is about.")
    severity: NotificationSeverity = strawberry.field(description="How hard it presses.")
    title: str = strawberry.field(description="One line, in the language of `Accept-Language`.")
    body: str = strawberry.field(
        description="The whole text, in the language of `Accept-Language`; times are the clinic's own, the place named."
    )
    created_at: DateTime = strawberry.field(description="When it was written.")
    seen_at: DateTime | None = strawberry.field(description="When the person first saw it; null while unread.")
    subject_id: strawberry.Private[UUID | None]
    subjects: strawberry.Private[DataLoader[UUID, Node | None]]

    @field(description="What it is about, as an Appointment; null when about nothing, or when that is gone.")
    async def subject(self) -> Node | None:
        """Return the thing itself; those of one page are read together."""
        return await self.subjects.load(self.subject_id) if self.subject_id else None


@strawberry.type(description="The state of an inbox: a whole one each time, so that a missed update does no harm.")
class InboxUpdate:
    """What a badge shows."""

    unread_count: int = strawberry.field(description="How many messages are unread.")
    latest: Notification | None = strawberry.field(description="The newest message; null in an empty inbox.")


@strawberry.type(description="What came of marking messages as seen.")
class MarkNotificationsSeenPayload:
    """All were marked, or none and `errors` says why."""

    notifications: list[Notification] | None = strawberry.field(
        default=None, description="The messages as they are now, in the order of the input; null when refused."
    )
    unread_count: int | None = strawberry.field(
        default=None, description="How many messages were unread afterwards; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was marked; empty when all went well."
    )
