"""What clients send about the inbox."""

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
