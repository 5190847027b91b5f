"""What may be told to a person: the kinds, and one message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class MessageKind(StrEnum):
    """What a message is about; each kind has its templates in `notifications/locale`."""

    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    CALLER_CODE = "caller_code"
    WELCOME = "welcome"


class Severity(StrEnum):
    """How hard a message presses: CRITICAL passes quiet hours, CAMPAIGN is capped."""

    CRITICAL = "critical"
    TRANSACTIONAL = "transactional"
    CAMPAIGN = "campaign"


_VISIT = frozenset({"doctor", "specialty_ru", "specialty_en", "clinic", "address", "starts_at", "zone"})

PARAMETERS: Mapping[MessageKind, frozenset[str]] = MappingProxyType(
    {
        MessageKind.APPOINTMENT_BOOKED: _VISIT,
        MessageKind.APPOINTMENT_CANCELLED: _VISIT | {"reason"},
        MessageKind.CALLER_CODE: frozenset({"code"}),
        MessageKind.WELCOME: frozenset(),
    }
)
"""The parameters of each kind, all of them required: `starts_at` is ISO 8601 with its offset, `zone` an IANA name."""


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
