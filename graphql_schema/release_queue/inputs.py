"""What clients send about queues for releases."""

from uuid import UUID

import strawberry

from graphql_schema.booking.types import BookingChannel
from graphql_schema.scalars import DateTime

_PERSON = "For whom: the global id of a person; the signed-in one when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="For which release to queue.")
class JoinReleaseQueueInput:
    """The input of `joinReleaseQueue`."""

    post_id: strawberry.ID = strawberry.field(description="As `releaseQueues` gave.")
    released_at: DateTime = strawberry.field(description="As `releaseQueues` gave.")
    referral_id: strawberry.ID | None = strawberry.field(
        default=None, description="By which of the person's referrals; a fitting one has to be there when left out."
    )
    channel: BookingChannel = strawberry.field(default=BookingChannel.APP, description="Through which door.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which place to give up.")
class LeaveReleaseQueueInput:
    """The input of `leaveReleaseQueue`."""

    place_id: strawberry.ID = strawberry.field(description="Id of the place that `viewer.releaseQueuePlaces` gave.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
