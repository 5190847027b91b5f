"""Where an appointment stands, what can happen to it, why, and on whose side."""

from enum import StrEnum


class AppointmentStatus(StrEnum):
    """Where an appointment stands.

    PENDING, UNKNOWN and CANCELLING are of outside registries: asked, asked without an answer, and asked to give up.
    """

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    RELEASED = "released"
    PENDING = "pending"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


UNSETTLED_STATUSES = (AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN, AppointmentStatus.CANCELLING)
"""Those in which the clinic is being asked."""

BOOKED_STATUSES = (AppointmentStatus.CONFIRMED, *UNSETTLED_STATUSES)
"""Those that count as the person's appointment ahead: booked, or perhaps booked."""

ACTIVE_STATUSES = (
    AppointmentStatus.HELD,
    *BOOKED_STATUSES,
    AppointmentStatus.ATTENDED,
    AppointmentStatus.NO_SHOW,
)
"""Those that keep the slot: the predicate of the unique index that makes a double booking impossible (R53)."""


class SetStatus(StrEnum):
    """Where a set of appointments stands that are booked together or not at all."""

    PENDING = "pending"
    BOOKED = "booked"
    REFUSED = "refused"


class EventKind(StrEnum):
    """What happened to an appointment."""

    AGREED = "agreed"

    HELD = "held"
    EXTENDED = "extended"
    RELEASED = "released"
    BOOKED = "booked"
    ASKED = "asked"
    REFUSED = "refused"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    APPEALED = "appealed"
    APPEAL_SETTLED = "appeal_settled"


class ActorRole(StrEnum):
    """On whose side an act was done. Source: ФЭР v2, CancelAppointment tells the actor beside the reason."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"
    OPERATOR = "operator"
    CLINIC = "clinic"
    SYSTEM = "system"


class CancelReason(StrEnum):
    """Why an appointment was given up. Source: ФЭР v2, CancelAppointment."""

    PATIENT_DECLINE = "patient_decline"
    MO_DECLINE = "mo_decline"
    ERROR_IN_SLOT = "error_in_slot"
    INCORRECT_SERVICE = "incorrect_service"
    INCORRECT_DATA = "incorrect_data"
    NO_FREE_SPACE = "no_free_space"
    OTHER_REASONS = "other_reasons"


class PlaceState(StrEnum):
    """Where somebody stands in the queue for a release."""

    QUEUED = "queued"
    TURN = "turn"
    USED = "used"
    MISSED = "missed"
    LEFT = "left"
    OVER = "over"


COMPETING_PLACES = (PlaceState.QUEUED, PlaceState.TURN)
"""Those that have, or may get, a turn; a turn ends by the clock itself."""

KEPT_PLACES = (*COMPETING_PLACES, PlaceState.USED)
"""Those beside which the person gets no other place in the same queue."""
