"""What clients send about the inbox."""

from enum import Enum
from uuid import UUID

import strawberry


@strawberry.input(description="Which messages the person has seen.")
class MarkNotificationsSeenInput:
    """The input of `markNotificationsSeen`."""

    ids: list[strawberry.ID] = strawberry.field(description="Global ids of the messages, 100 at most.")
    idempotency_key: UUID = strawberry.field(
        description="Made by the client for this intention; repeating it returns the first outcome."
    )
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose messages: the global id of a person; the signed-in one's when left out."
    )


@strawberry.enum(description="What has become of a message on a phone.")
class AcknowledgementKind(Enum):
    """Kind; each has its receipt."""

    ACTED = strawberry.enum_value("acted", description="The person did what it asks for, or opened what it is about.")
    RECEIVED = strawberry.enum_value("device_received", description="It reached the phone, in the background too.")
    SEEN = strawberry.enum_value("seen", description="The person looked at it.")


@strawberry.input(description="What has become of one message.")
class AcknowledgementInput:
    """One item of `acknowledgeNotifications`."""

    notification_id: strawberry.ID = strawberry.field(description="Global id of the message, as the push carries it.")
    kind: AcknowledgementKind = strawberry.field(description="What has become of it.")


@strawberry.input(description="What a phone tells of the messages it was sent.")
class AcknowledgeNotificationsInput:
    """The input of `acknowledgeNotifications`."""

    items: list[AcknowledgementInput] = strawberry.field(
        description="100 at most; a message may come with several kinds, and telling one again does no harm."
    )
    idempotency_key: UUID = strawberry.field(
        description="Made by the client for this intention; repeating it returns the first outcome."
    )
