"""Refusals of booking. A foreign id answers exactly as a missing one (S36)."""

from backend.booking.values import Slot
from backend.errors import Refusal


class BookingRefusal(Refusal):
    """A refusal of booking.

    `alternatives` are free slots to offer instead, nearest first; only those kinds that lose a slot have any.
    """

    offers_alternatives = False

    def __init__(self, *, alternatives: tuple[Slot, ...] = (), replayed: bool = False) -> None:
        """Keep what the payload shows besides the code."""
        super().__init__(replayed=replayed)
        self.alternatives = alternatives


class SlotNotFound(BookingRefusal):
    """No such slot."""

    code = "SLOT_NOT_FOUND"


class SlotTaken(BookingRefusal):
    """Somebody else holds or has booked the slot."""

    code = "SLOT_TAKEN"
    offers_alternatives = True


class SlotInPast(BookingRefusal):
    """The slot has begun or is over."""

    code = "SLOT_IN_PAST"


class SlotTooFar(BookingRefusal):
    """The slot lies beyond the horizon of the channel."""

    code = "SLOT_TOO_FAR"


class ChannelNotAllowed(BookingRefusal):
    """The slot is not given out through this channel, or the actor may not use it."""

    code = "CHANNEL_NOT_ALLOWED"


class HoldNotFound(BookingRefusal):
    """No such hold, or it is used up."""

    code = "HOLD_NOT_FOUND"


class HoldExpired(BookingRefusal):
    """The hold ended before it was used."""

    code = "HOLD_EXPIRED"
    offers_alternatives = True


class AppointmentNotFound(BookingRefusal):
    """No such appointment."""

    code = "APPOINTMENT_NOT_FOUND"


class AlreadyCancelled(BookingRefusal):
    """The appointment is cancelled already."""

    code = "ALREADY_CANCELLED"


class CancelTooLate(BookingRefusal):
    """The appointment has begun or is over."""

    code = "CANCEL_TOO_LATE"


class TimeOverlap(BookingRefusal):
    """The person holds or has booked another slot at this time."""

    code = "TIME_OVERLAP"


class DuplicateSpecialty(BookingRefusal):
    """The person has an appointment of this specialty already."""

    code = "DUPLICATE_SPECIALTY"


class TooManyIds(BookingRefusal):
    """A list of ids to search by that is longer than 100 (S2)."""

    code = "TOO_MANY_IDS"


BY_CODE: dict[str, type[BookingRefusal]] = {kind.code: kind for kind in BookingRefusal.__subclasses__()}
"""The kinds by code, to give a recorded refusal again."""
