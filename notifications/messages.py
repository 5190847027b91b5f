"""What may be told to a person: the kinds, and one message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class MessageKind(StrEnum):
    """What a message is about; each kind has its templates in `notifications/locale`."""

    ACCESS_REVIEW_SETTLED = "access_review_settled"
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    CALLER_CODE = "caller_code"
    EMERGENCY_ACCESS = "emergency_access"
    EMERGENCY_ACCESS_OF_WARD = "emergency_access_of_ward"
    GUARDIANSHIP_REFUSED = "guardianship_refused"
    REPRESENTATION_BEGUN = "representation_begun"
    REPRESENTATION_DECLINED = "representation_declined"
    REPRESENTATION_ENDED = "representation_ended"
    REPRESENTATION_EXPIRING = "representation_expiring"
    REPRESENTATION_OFFERED = "representation_offered"
    ERASURE_CANCELLED = "erasure_cancelled"
    ERASURE_REQUESTED = "erasure_requested"
    EXPORT_FAILED = "export_failed"
    EXPORT_READY = "export_ready"
    WELCOME = "welcome"


class Severity(StrEnum):
    """How hard a message presses: CRITICAL passes quiet hours, CAMPAIGN is capped."""

    CRITICAL = "critical"
    TRANSACTIONAL = "transactional"
    CAMPAIGN = "campaign"


_VISIT = frozenset({"doctor", "specialty_ru", "specialty_en", "clinic", "address", "starts_at", "zone"})

PARAMETERS: Mapping[MessageKind, frozenset[str]] = MappingProxyType(
    {
        MessageKind.ACCESS_REVIEW_SETTLED: frozenset(),
        MessageKind.APPOINTMENT_BOOKED: _VISIT,
        MessageKind.APPOINTMENT_CANCELLED: _VISIT | {"reason"},
        MessageKind.CALLER_CODE: frozenset({"code"}),
        MessageKind.EMERGENCY_ACCESS: frozenset(),
        MessageKind.EMERGENCY_ACCESS_OF_WARD: frozenset(),
        MessageKind.GUARDIANSHIP_REFUSED: frozenset(),
        MessageKind.REPRESENTATION_BEGUN: frozenset({"side"}),
        MessageKind.REPRESENTATION_DECLINED: frozenset(),
        MessageKind.REPRESENTATION_ENDED: frozenset({"side"}),
        MessageKind.REPRESENTATION_EXPIRING: frozenset({"side", "starts_at", "zone"}),
        MessageKind.REPRESENTATION_OFFERED: frozenset({"side"}),
        MessageKind.ERASURE_CANCELLED: frozenset(),
        MessageKind.ERASURE_REQUESTED: frozenset({"days"}),
        MessageKind.EXPORT_FAILED: frozenset(),
        MessageKind.EXPORT_READY: frozenset(),
        MessageKind.WELCOME: frozenset(),
    }
)
"""The parameters of each kind, all of them required: `starts_at` is ISO 8601 with its offset, `zone` an IANA name,
`side` is `person` or `representative`: which of the two reads it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person; repeating a `dedupe_key` for the person tells nothing new.

    `parameters` are as in `PARAMETERS`; `subject_id` is the thing it is about (an appointment); after `expires_at`
    nothing more is sent, while the inbox keeps it.
    """

    kind: MessageKind
    person_id: UUID
    dedupe_key: str
    parameters: Mapping[str, str] = field(repr=False)
    subject_id: UUID | None = None
    severity: Severity = Severity.TRANSACTIONAL
    expires_at: datetime | None = None
