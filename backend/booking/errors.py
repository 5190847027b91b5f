"""Refusals of booking. A foreign id answers exactly as a missing one (S36)."""

from uuid import UUID

from backend.booking.values import Slot
from backend.errors import Operational, Refusal


class BookingRefusal(Refusal):
    """A refusal of booking.

    `alternatives` are free slots to offer instead, nearest first; only those kinds that lose a slot have any. `about`
    names the one of several things asked for at once that is refused.
    """

    offers_alternatives = False

    def __init__(self, *, alternatives: tuple[Slot, ...] = (), replayed: bool = False) -> None:
        """Keep what the payload shows besides the code."""
        super().__init__(replayed=replayed)
        self.alternatives = alternatives
        self.about: UUID | None = None


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
    """The appointment has begun, is over, or begins so soon that the clinic takes no change any more."""

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


class HoldNotExtendable(BookingRefusal):
    """The hold was extended once already."""

    code = "HOLD_NOT_EXTENDABLE"


class SlotNotReleased(BookingRefusal):
    """The slot is given out later: its release time has not come."""

    code = "SLOT_NOT_RELEASED"


class SlotWithdrawn(BookingRefusal):
    """The clinic gives the slot out no more."""

    code = "SLOT_WITHDRAWN"
    offers_alternatives = True


class ChannelQuotaUsedUp(BookingRefusal):
    """The channel's share of this reception is given out; other channels may have some."""

    code = "CHANNEL_QUOTA_USED_UP"
    offers_alternatives = True


class NotAttached(BookingRefusal):
    """The person is attached to another clinic, or to none."""

    code = "NOT_ATTACHED"


class ReferralRequired(BookingRefusal):
    """The specialty needs a referral, and none that fits was named."""

    code = "REFERRAL_REQUIRED"


class ReferralExpired(BookingRefusal):
    """The referral is over by the day of the visit."""

    code = "REFERRAL_EXPIRED"


class ReferralUsed(BookingRefusal):
    """Another appointment was booked by the referral."""

    code = "REFERRAL_USED"


class AgeNotAllowed(BookingRefusal):
    """The clinic or the specialty does not see people of this age."""

    code = "AGE_NOT_ALLOWED"


class SexNotAllowed(BookingRefusal):
    """The specialty does not see people of this sex."""

    code = "SEX_NOT_ALLOWED"


class CheckInClosed(BookingRefusal):
    """Nobody can check in to this appointment now."""

    code = "CHECK_IN_CLOSED"


class OtherSpecialty(BookingRefusal):
    """An appointment can be moved only to a time of the same specialty."""

    code = "OTHER_SPECIALTY"


class PatientNotFound(BookingRefusal):
    """The clinic's registry does not know the person."""

    code = "PATIENT_NOT_FOUND"


class AppointmentUnsettled(BookingRefusal):
    """The clinic is being asked; until it has answered nothing else can be done with the appointment."""

    code = "APPOINTMENT_UNSETTLED"


class NoShowBlocked(BookingRefusal):
    """The person has missed so many visits without a word that they cannot book through the app for a while."""

    code = "NO_SHOW_BLOCKED"


class QueueTurnNeeded(BookingRefusal):
    """People queue for what is given out with this slot, and it is not the person's turn through this channel."""

    code = "QUEUE_TURN_NEEDED"


class AppealNotPossible(BookingRefusal):
    """The visit is no no-show, was appealed before, or no appeal of it waits."""

    code = "APPEAL_NOT_POSSIBLE"


class AppealTextRefused(BookingRefusal):
    """An appeal says something, in 1,000 characters at most."""

    code = "APPEAL_TEXT_REFUSED"


class RegistryUnavailable(Operational):
    """An outside registry does not answer now; that is never "none"."""

    code = "REGISTRY_UNAVAILABLE"
    retry_after_ms = 2_000


class OutcomeUnknown(Exception):
    """An outside registry was asked, and nobody knows what came of it; never shown, never guessed (R57)."""


BY_CODE: dict[str, type[BookingRefusal]] = {kind.code: kind for kind in BookingRefusal.__subclasses__()}
"""The kinds by code, to give a recorded refusal again."""
