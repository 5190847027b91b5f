"""What may be told to a person: the kinds, and one message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class MessageKind(StrEnum):
    """What a message is about; each kind has its texts in `notifications/locale` and its facts in `kinds`."""

    ACCESS_REVIEW_SETTLED = "access_review_settled"
    AMBULANCE_ARRIVED = "ambulance_arrived"
    AMBULANCE_ASSIGNED = "ambulance_assigned"
    AMBULANCE_NEAR = "ambulance_near"
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_NOT_CONFIRMED = "appointment_not_confirmed"
    APPOINTMENT_REMINDER = "appointment_reminder"
    APPOINTMENT_REPLACEMENT_OFFERED = "appointment_replacement_offered"
    CALLER_CODE = "caller_code"
    CALL_BACK_REQUESTED = "call_back_requested"
    CALL_BACK_UNREACHED = "call_back_unreached"
    CHECKUP_DUE = "checkup_due"
    CHECKUP_PLAN_READY = "checkup_plan_ready"
    CHECKUP_RESULT_READY = "checkup_result_ready"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_EXTENDED = "complaint_extended"
    COMPLAINT_REGISTERED = "complaint_registered"
    DEVICE_MOVED = "device_moved"
    DOCUMENT_ARRIVED = "document_arrived"
    DOCUMENT_OPENED = "document_opened"
    DOCUMENT_SHARED = "document_shared"
    EMERGENCY_ACCESS = "emergency_access"
    EMERGENCY_ACCESS_OF_WARD = "emergency_access_of_ward"
    ERASURE_CANCELLED = "erasure_cancelled"
    ERASURE_REQUESTED = "erasure_requested"
    EXPORT_FAILED = "export_failed"
    EXPORT_READY = "export_ready"
    GUARDIANSHIP_REFUSED = "guardianship_refused"
    INVITATION_TO_CHECKUP = "invitation_to_checkup"
    INVITATION_TO_IN_DEPTH_CHECKUP = "invitation_to_in_depth_checkup"
    INVITATION_TO_OBSERVATION = "invitation_to_observation"
    INVITATION_TO_PREVENTIVE_EXAM = "invitation_to_preventive_exam"
    POLICY_CHANGED = "policy_changed"
    PRESCRIPTION_DEFERRED_DEADLINE = "prescription_deferred_deadline"
    PRESCRIPTION_EXPIRING = "prescription_expiring"
    PRESCRIPTION_IN_STOCK = "prescription_in_stock"
    PRESCRIPTION_ISSUED = "prescription_issued"
    RELEASE_QUEUE_OVER = "release_queue_over"
    RELEASE_QUEUE_TURN = "release_queue_turn"
    REPRESENTATION_BEGUN = "representation_begun"
    REPRESENTATION_DECLINED = "representation_declined"
    REPRESENTATION_ENDED = "representation_ended"
    REPRESENTATION_EXPIRING = "representation_expiring"
    REPRESENTATION_OFFERED = "representation_offered"
    SIGN_IN_FROM_NEW_DEVICE = "sign_in_from_new_device"
    WAITING_LIST_OFFERED = "waiting_list_offered"
    WELCOME = "welcome"


class Severity(StrEnum):
    """How hard a message presses: CRITICAL passes quiet hours, CAMPAIGN is capped."""

    CRITICAL = "critical"
    TRANSACTIONAL = "transactional"
    CAMPAIGN = "campaign"


_RELEASE = frozenset({"doctor", "specialty_ru", "specialty_en", "clinic"})
_VISIT = frozenset({"doctor", "specialty_ru", "specialty_en", "clinic", "address", "starts_at", "zone"})
_OFFER = frozenset({"offered_at", "offered_doctor", "offered_clinic", "offered_address", "deadline_at"})
_DOCUMENT = frozenset({"document_ru", "document_en"})
_CREW_ON_ITS_WAY = frozenset({"eta_from_minutes", "eta_to_minutes", "known_at", "zone"})
_INVITATION = frozenset({"insurer", "due_on", "campaign_id"})

PARAMETERS: Mapping[MessageKind, frozenset[str]] = MappingProxyType(
    {
        MessageKind.ACCESS_REVIEW_SETTLED: frozenset(),
        MessageKind.AMBULANCE_ARRIVED: frozenset({"arrived_at", "zone"}),
        MessageKind.AMBULANCE_ASSIGNED: _CREW_ON_ITS_WAY,
        MessageKind.AMBULANCE_NEAR: _CREW_ON_ITS_WAY,
        MessageKind.APPOINTMENT_BOOKED: _VISIT,
        MessageKind.APPOINTMENT_CANCELLED: _VISIT | {"reason"},
        MessageKind.APPOINTMENT_MOVED: _VISIT | {"earlier_at"},
        MessageKind.APPOINTMENT_NOT_CONFIRMED: _VISIT,
        MessageKind.APPOINTMENT_REMINDER: _VISIT,
        MessageKind.APPOINTMENT_REPLACEMENT_OFFERED: _VISIT | _OFFER,
        MessageKind.CALLER_CODE: frozenset({"code"}),
        MessageKind.CALL_BACK_REQUESTED: frozenset({"starts_at", "deadline_at", "zone"}),
        MessageKind.CALL_BACK_UNREACHED: frozenset(),
        MessageKind.CHECKUP_DUE: frozenset({"programme", "due_on"}),
        MessageKind.CHECKUP_PLAN_READY: frozenset({"examinations", "first_on", "last_on", "clinic", "address"}),
        MessageKind.CHECKUP_RESULT_READY: frozenset({"clinic", "finished_on", "second_stage"}),
        MessageKind.COMPLAINT_ANSWERED: frozenset({"number"}),
        MessageKind.COMPLAINT_EXTENDED: frozenset({"number", "days", "answer_on"}),
        MessageKind.COMPLAINT_REGISTERED: frozenset({"number", "registered_on", "answer_on"}),
        MessageKind.DEVICE_MOVED: frozenset({"moved_at", "zone"}),
        MessageKind.DOCUMENT_ARRIVED: _DOCUMENT | {"clinic", "issued_on"},
        MessageKind.DOCUMENT_OPENED: _DOCUMENT | {"reader", "opened_at", "zone"},
        MessageKind.DOCUMENT_SHARED: _DOCUMENT | {"reader", "ends_at", "zone"},
        MessageKind.EMERGENCY_ACCESS: frozenset(),
        MessageKind.EMERGENCY_ACCESS_OF_WARD: frozenset(),
        MessageKind.ERASURE_CANCELLED: frozenset(),
        MessageKind.ERASURE_REQUESTED: frozenset({"days"}),
        MessageKind.EXPORT_FAILED: frozenset(),
        MessageKind.EXPORT_READY: frozenset(),
        MessageKind.GUARDIANSHIP_REFUSED: frozenset(),
        MessageKind.INVITATION_TO_CHECKUP: _INVITATION,
        MessageKind.INVITATION_TO_IN_DEPTH_CHECKUP: _INVITATION,
        MessageKind.INVITATION_TO_OBSERVATION: _INVITATION,
        MessageKind.INVITATION_TO_PREVENTIVE_EXAM: _INVITATION,
        MessageKind.POLICY_CHANGED: frozenset({"change", "insurer", "changed_on"}),
        MessageKind.PRESCRIPTION_DEFERRED_DEADLINE: frozenset({"drug", "pharmacy", "due_on"}),
        MessageKind.PRESCRIPTION_EXPIRING: frozenset({"drug", "expires_on", "days"}),
        MessageKind.PRESCRIPTION_IN_STOCK: frozenset({"drug", "pharmacy", "address", "known_at", "zone"}),
        MessageKind.PRESCRIPTION_ISSUED: frozenset({"drug", "doctor", "expires_on"}),
        MessageKind.RELEASE_QUEUE_OVER: _RELEASE,
        MessageKind.RELEASE_QUEUE_TURN: _RELEASE | {"deadline_at", "zone"},
        MessageKind.REPRESENTATION_BEGUN: frozenset({"side"}),
        MessageKind.REPRESENTATION_DECLINED: frozenset(),
        MessageKind.REPRESENTATION_ENDED: frozenset({"side"}),
        MessageKind.REPRESENTATION_EXPIRING: frozenset({"side", "starts_at", "zone"}),
        MessageKind.REPRESENTATION_OFFERED: frozenset({"side"}),
        MessageKind.SIGN_IN_FROM_NEW_DEVICE: frozenset({"device", "signed_in_at", "zone"}),
        MessageKind.WAITING_LIST_OFFERED: _VISIT | {"deadline_at"},
        MessageKind.WELCOME: frozenset(),
    }
)
"""The parameters of each kind, all of them required; what each may hold is in `notifications.parameters`."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person; repeating a `dedupe_key` for the person tells nothing new.

    `parameters` are as in `PARAMETERS`; `subject_id` is the thing it is about (an appointment); after `expires_at`
    nothing more is sent, while the inbox keeps it. `own_act` is what the person did themself: nobody is called for it.
    What is left out of severity and expiry is the kind's own (`notifications.kinds`).
    """

    kind: MessageKind
    person_id: UUID
    dedupe_key: str
    parameters: Mapping[str, str] = field(repr=False)
    subject_id: UUID | None = None
    severity: Severity | None = None
    own_act: bool = False
    expires_at: datetime | None = None
