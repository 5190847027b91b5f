"""The words of cancelling a day: a proposal, and what becomes of each of its appointments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from backend.booking.values import (
    AppointmentId,
    ClinicId,
    DoctorId,
    SlotId,
    SlotTime,
)
from identity.principal import PersonId

ProposalId = NewType("ProposalId", UUID)


class ProposalReason(StrEnum):
    """Why a clinic cancels; for the desk, the person is told that the clinic did."""

    DOCTOR_AWAY = "doctor_away"
    ROOM_CLOSED = "room_closed"
    EQUIPMENT_FAILED = "equipment_failed"
    OTHER = "other"


class ProposalStatus(StrEnum):
    """Where a proposal stands: nothing changed yet, being worked through, all settled."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"


class ItemState(StrEnum):
    """What became of an appointment: a replacement is kept and told, the desk is to call, or it was gone already."""

    WAITING = "waiting"
    OFFERED = "offered"
    TO_CALL = "to_call"
    GONE = "gone"


class CallReason(StrEnum):
    """Why the desk is to call: no push, telephone or mail is known; nothing to offer; the visit has begun."""

    NO_CONTACT = "no_contact"
    NO_REPLACEMENT = "no_replacement"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """How a clinic cancels.

    Attributes:
        proposal_lasts: How long what was proposed can be confirmed.
        offer_lasts: How long a replacement is kept, and never beyond its beginning (config).
        notice: How soon a replacement may begin (config).
        at_once: How many appointments are settled in the request that confirms; the sweep goes on with the others.
    """

    proposal_lasts: timedelta = timedelta(minutes=15)
    offer_lasts: timedelta = timedelta(days=1)
    notice: timedelta = timedelta(hours=3)
    at_once: int = 50


PORTAL_CANCELLATIONS = CancellationTerms()
"""The terms where a region has set none."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is cancelled: the slots of a clinic, or of one doctor there, that begin from an instant until another."""

    clinic_id: ClinicId
    doctor_id: DoctorId | None
    starts_from: datetime
    starts_before: datetime

    def covers(self, slot: SlotTime) -> bool:
        """Return whether a slot is cancelled with it."""
        return (
            slot.clinic_id == self.clinic_id
            and self.doctor_id in {None, slot.doctor_id}
            and self.starts_from <= slot.starts_at < self.starts_before
        )


@dataclass(frozen=True, slots=True)
class Affected:
    """An appointment of a range, with its slot."""

    appointment_id: AppointmentId
    person_id: PersonId
    slot: SlotTime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be cancelled, in numbers of the moment it was made; `created_by` is of the staff."""

    id: ProposalId
    clinic_id: ClinicId
    doctor_id: DoctorId | None
    starts_from: datetime
    starts_before: datetime
    reason: ProposalReason
    status: ProposalStatus
    appointments: int
    holds: int
    free_slots: int
    created_by: UUID
    created_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    done_at: datetime | None

    @property
    def range(self) -> Range:
        """Return what it covers."""
        return Range(self.clinic_id, self.doctor_id, self.starts_from, self.starts_before)


@dataclass(frozen=True, slots=True)
class Item:
    """One appointment of a proposal.

    Attributes:
        person_id: Whose.
        proposal_id: Of which proposal.
        appointment_id: Which.
        starts_at: When it began as it was proposed.
        has_contact: Whether the person can be told otherwise than by a call.
        replacement_slot_id: What is to be offered, or is; None where nothing was found.
        state: What became of it.
        call_reason: Why the desk is to call, where it is.
        hold_id: The hold of the replacement.
    """

    person_id: PersonId
    proposal_id: ProposalId
    appointment_id: AppointmentId
    starts_at: datetime
    has_contact: bool
    replacement_slot_id: SlotId | None
    state: ItemState
    call_reason: CallReason | None
    hold_id: AppointmentId | None


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as the desk reads it, with whom to call; nothing of them is ever logged."""

    item: Item
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal with its items by start; `released_holds` and `withdrawn_slots` are those of its confirmation."""

    proposal: Proposal
    items: Sequence[ListedItem]
