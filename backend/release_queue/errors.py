"""Refusals of queues for releases. A foreign id answers exactly as a missing one (S36)."""

from backend.booking import errors as booking_errors
from backend.errors import Refusal


class ReleaseQueueRefusal(Refusal):
    """A refusal of a queue for a release."""


class QueueNotFound(ReleaseQueueRefusal):
    """There is no such release, or nobody queues for it: the doctor gives it out to whoever comes first."""

    code = "RELEASE_QUEUE_NOT_FOUND"


class QueueNotOpen(ReleaseQueueRefusal):
    """Nobody can join yet."""

    code = "RELEASE_QUEUE_NOT_OPEN"


class QueueOver(ReleaseQueueRefusal):
    """The queue has ended, or nothing of the release is left."""

    code = "RELEASE_QUEUE_OVER"


class PlaceExists(ReleaseQueueRefusal):
    """The person has a place in this queue, or has used their turn."""

    code = "RELEASE_QUEUE_PLACE_EXISTS"


class TooManyPlaces(ReleaseQueueRefusal):
    """The person stands in as many queues as one may."""

    code = "TOO_MANY_RELEASE_QUEUE_PLACES"


class PlaceNotFound(ReleaseQueueRefusal):
    """No such place."""

    code = "RELEASE_QUEUE_PLACE_NOT_FOUND"


class PlaceOver(ReleaseQueueRefusal):
    """The turn was used or missed, or the queue has ended."""

    code = "RELEASE_QUEUE_PLACE_OVER"


BY_CODE: dict[str, type[Refusal]] = {
    **booking_errors.BY_CODE,
    **{kind.code: kind for kind in ReleaseQueueRefusal.__subclasses__()},
}
"""The kinds by code, those of booking too, to give a recorded refusal again."""
