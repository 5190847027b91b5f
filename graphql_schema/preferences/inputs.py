"""What clients send about preferences."""

from uuid import UUID

import strawberry

from graphql_schema.preferences.types import NotificationChannel, NotificationTopic

_PERSON = "Whose: the global id of a person; the signed-in one's when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="One topic over one channel.")
class NotificationPreferenceChange:
    """Change."""

    topic: NotificationTopic = strawberry.field(description="Which topic.")
    channel: NotificationChannel = strawberry.field(description="Over which channel.")
    is_on: bool = strawberry.field(description="Whether the person wants to be told.")


@strawberry.input(description="What to switch on or off.")
class SetNotificationPreferencesInput:
    """The input of `setNotificationPreferences`."""

    changes: list[NotificationPreferenceChange] = strawberry.field(
        description="Each topic and channel once at most; what is not named stays as it is."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(
    description="When not to be disturbed. With `isOn` alone true the region's hours hold again; `startsAt` and "
    "`endsAt` are given together."
)
class SetQuietHoursInput:
    """The input of `setQuietHours`."""

    is_on: bool = strawberry.field(description="False for no quiet hours at all.")
    starts_at: str | None = strawberry.field(default=None, description="Hour and minute, as 21:00.")
    ends_at: str | None = strawberry.field(
        default=None, description="Hour and minute, as 09:00; from half an hour to 16 hours after the start."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which channel to try again.")
class LiftChannelRefusalInput:
    """The input of `liftChannelRefusal`."""

    channel: NotificationChannel = strawberry.field(description="SMS or EMAIL; PUSH is never refused for long.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)
