"""Cancellations and missed visits as clients see them."""

from enum import Enum

import strawberry

from graphql_schema.booking.appointment_types import AppointmentStatus
from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime

_WHY = "Why; empty when all went well."


@strawberry.enum(description="Why a clinic cancels.")
class CancellationCause(Enum):
    """Reason, for the desk."""

    DOCTOR_AWAY = strawberry.enum_value("doctor_away", description="The doctor cannot come.")
    EQUIPMENT_FAILED = strawberry.enum_value("equipment_failed", description="Equipment has failed.")
    OTHER = strawberry.enum_value("other", description="Something else.")
    ROOM_CLOSED = strawberry.enum_value("room_closed", description="The room or the clinic is closed.")


@strawberry.enum(description="Where a cancellation stands.")
class CancellationStatus(Enum):
    """Status of a proposal."""

    CONFIRMED = strawberry.enum_value("confirmed", description="The slots are withdrawn, appointments are settled now.")
    DONE = strawberry.enum_value("done", description="Everything is settled.")
    PROPOSED = strawberry.enum_value("proposed", description="Nothing is changed yet.")


@strawberry.enum(description="What became of an appointment that is cancelled.")
class CancellationItemState(Enum):
    """State of an item."""

    GONE = strawberry.enum_value("gone", description="The person had given it up or moved it before.")
    OFFERED = strawberry.enum_value("offered", description="Another time is kept for the person, who was told.")
    TO_CALL = strawberry.enum_value("to_call", description="The desk is to call the person.")
    WAITING = strawberry.enum_value("waiting", description="Not settled yet.")


@strawberry.enum(description="Why the desk is to call.")
class CallReason(Enum):
    """Of an item on the call list."""

    NO_CONTACT = strawberry.enum_value("no_contact", description="No device, telephone or mail address is known.")
    NO_REPLACEMENT = strawberry.enum_value("no_replacement", description="There is no other time to offer.")
    TOO_LATE = strawberry.enum_value("too_late", description="The visit had begun.")


@strawberry.type(description="One appointment of a cancellation.")
class CancellationItem:
    """Item."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    person_id: strawberry.ID = strawberry.field(description="Global id of the person.")
    person_name: str = strawberry.field(description="Whom to call: family name, given name, patronymic.")
    starts_at: DateTime = strawberry.field(description="When the appointment began as it was proposed.")
    has_contact: bool = strawberry.field(description="Whether the person can be told without a call.")
    replacement_slot_id: strawberry.ID | None = strawberry.field(
        description="Global id of the slot that is to be offered, or is; null where there is none."
    )
    state: CancellationItemState = strawberry.field(description="What became of it.")
    call_reason: CallReason | None = strawberry.field(description="Why the desk is to call; null where it is not.")


@strawberry.type(description="What a clinic is about to cancel, or has cancelled; counts are of the proposal's moment.")
class CancellationProposal:
    """Proposal."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    status: CancellationStatus = strawberry.field(description="Where it stands.")
    cause: CancellationCause = strawberry.field(description="Why.")
    starts_from: DateTime = strawberry.field(name="from", description="Visits that begin at this instant or later.")
    starts_before: DateTime = strawberry.field(name="to", description="Visits that begin before this instant.")
    appointments: int = strawberry.field(description="How many appointments are cancelled.")
    holds: int = strawberry.field(description="How many holds are released.")
    free_slots: int = strawberry.field(description="How many free slots are withdrawn.")
    created_at: DateTime = strawberry.field(description="When it was proposed; it can be confirmed for 15 minutes.")
    confirmed_at: DateTime | None = strawberry.field(description="When it was confirmed.")
    done_at: DateTime | None = strawberry.field(description="When everything was settled.")
    items: list[CancellationItem] = strawberry.field(description="Its appointments, by start.")


@strawberry.type(description="What came of proposing a cancellation.")
class ProposeCancellationPayload:
    """The proposal, or why there is none."""

    proposal: CancellationProposal | None = strawberry.field(default=None, description="Null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of confirming a cancellation.")
class ConfirmCancellationPayload:
    """The proposal as it stands, or why nothing was done."""

    proposal: CancellationProposal | None = strawberry.field(default=None, description="Null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.enum(description="Where an appeal against a missed visit stands.")
class NoShowAppealState(Enum):
    """Appeal."""

    ACCEPTED = strawberry.enum_value("accepted", description="The visit does not count.")
    PENDING = strawberry.enum_value("pending", description="Not answered yet; the visit does not count meanwhile.")
    REJECTED = strawberry.enum_value("rejected", description="The visit counts.")


@strawberry.type(description="A visit that the person did not come to, by the clinic's word.")
class MissedVisit:
    """Missed visit."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    starts_at: DateTime = strawberry.field(description="When it began.")
    appeal: NoShowAppealState | None = strawberry.field(description="Where the appeal stands; null without one.")


@strawberry.type(description="How a person stands with the rule about missed visits.")
class NoShowRule:
    """Rule."""

    count: int = strawberry.field(description="How many missed visits count now.")
    limit: int = strawberry.field(description="How many close booking through the app and Госуслуги for a while.")
    blocked_until: DateTime | None = strawberry.field(description="Until when it is closed; null when it is open.")
    appointments: list[MissedVisit] = strawberry.field(description="The visits, latest first, appealed ones too.")


@strawberry.type(description="An appeal that waits for an answer.")
class NoShowAppeal:
    """Appeal in the queue."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    text: str = strawberry.field(description="What the person says.")
    created_at: DateTime = strawberry.field(description="When they said it.")
    starts_at: DateTime = strawberry.field(description="When the visit began.")
    clinic: str = strawberry.field(description="Name of the clinic.")
    doctor: str = strawberry.field(description="Family name of the doctor.")


@strawberry.type(description="What came of closing a visit.")
class CloseVisitPayload:
    """How the visit stands, or why it does not."""

    status: AppointmentStatus | None = strawberry.field(default=None, description="How it stands; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of an appeal.")
class AppealNoShowPayload:
    """The rule as it stands, or why there is no appeal."""

    no_show_rule: NoShowRule | None = strawberry.field(default=None, description="Null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of answering an appeal.")
class SettleNoShowAppealPayload:
    """Whether it is answered."""

    settled: bool | None = strawberry.field(default=None, description="True when it is; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)
