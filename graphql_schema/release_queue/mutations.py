"""Joining and leaving queues."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.booking.errors import ReferralRequired
from backend.booking.values import Channel
from backend.errors import Refusal
from backend.idempotency import Outcome
from backend.release_queue.errors import PlaceNotFound, QueueNotFound
from backend.release_queue.values import Place, PlaceId, PostId, Wish
from geo.errors import GeoRefusal
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, UserError, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from graphql_schema.release_queue.inputs import JoinReleaseQueueInput, LeaveReleaseQueueInput
from graphql_schema.release_queue.presentation import to_place
from graphql_schema.release_queue.types import JoinReleaseQueuePayload, LeaveReleaseQueuePayload, ReleaseQueuePlace
from identity.access import signed_in
from identity.errors import IdentityRefusal

_FIELDS = MappingProxyType(
    {
        "CHANNEL_NOT_ALLOWED": "channel",
        "REFERRAL_EXPIRED": "referralId",
        "REFERRAL_REQUIRED": "referralId",
        "REFERRAL_USED": "referralId",
        "RELEASE_QUEUE_NOT_FOUND": "postId",
        "RELEASE_QUEUE_NOT_OPEN": "releasedAt",
        "RELEASE_QUEUE_OVER": "releasedAt",
        "RELEASE_QUEUE_PLACE_NOT_FOUND": "placeId",
        "RELEASE_QUEUE_PLACE_OVER": "placeId",
    }
)


@strawberry.type(description="Changes of queues for releases.")
class ReleaseQueueMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Queue for what a doctor begins to give out. Who joins before the release is drawn by lot at its "
        "instant, so that it does not matter who came first; who joins later stands behind all others. When it is the "
        "person's turn, a message says so, and one of the times can be held by `holdSlot` for three minutes."
    )
    async def join_release_queue(
        self,
        info: Info,
        input: Annotated[JoinReleaseQueueInput, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
    ) -> JoinReleaseQueuePayload | None:
        """Let the person queue."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            joined = await context.services.release_queues.join(
                actor,
                person_id=person_of(actor, input.person_id),
                wish=_wish(input),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return JoinReleaseQueuePayload(errors=_refused(context, refusal))
        return JoinReleaseQueuePayload(place=_told(context, joined))

    @mutation(description="Give a place or a turn up; a turn goes to the next at once.")
    async def leave_release_queue(
        self,
        info: Info,
        input: Annotated[LeaveReleaseQueueInput, strawberry.argument(description="Which place.")],  # noqa: A002 # the public name
    ) -> LeaveReleaseQueuePayload | None:
        """End a place of the person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            left = await context.services.release_queues.leave(
                actor,
                person_id=person_of(actor, input.person_id),
                place_id=PlaceId(decode_id(input.place_id, "ReleaseQueuePlace", missing=PlaceNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return LeaveReleaseQueuePayload(errors=_refused(context, refusal))
        return LeaveReleaseQueuePayload(place=_told(context, left))


def _told(context: Context, outcome: Outcome[Place]) -> ReleaseQueuePlace:
    context.mark_replay(replayed=outcome.replayed)
    return to_place(outcome.value, context)


def _refused(context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal) -> list[UserError]:
    """Write a refusal; what is the matter with the person is so as a whole."""
    errors = user_errors(context, refusal, _FIELDS)
    for error in errors:
        error.path = error.path or ["input"]
    return errors


def _wish(given: JoinReleaseQueueInput) -> Wish:
    """Read which release is meant.

    Raises:
        QueueNotFound: A post that is none.
        ReferralRequired: A referral that is none.
    """
    referral = given.referral_id
    return Wish(
        post_id=PostId(decode_id(given.post_id, "Post", missing=QueueNotFound)),
        released_at=given.released_at,
        channel=Channel(str(given.channel.value)),
        referral_id=None if referral is None else decode_id(referral, "Referral", missing=ReferralRequired),
    )
