"""A call as its operator sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity.call_rules import ends_at
from identity.call_tables import CallTicketRow, Proof
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class Call:
    """A call as its operator sees it; instants are aware UTC, and the number is None once it is kept no more."""

    id: UUID
    caller_number: str | None = field(repr=False)
    opened_at: datetime
    ends_at: datetime
    is_open: bool
    caller_id: PersonId | None
    verified_by: Proof | None
    patient_id: PersonId | None


def told(ticket: CallTicketRow, now: datetime) -> Call:
    """Return a ticket as it stands now."""
    end = ends_at(ticket)
    return Call(
        id=ticket.id,
        caller_number=ticket.caller_number or None,
        opened_at=ticket.opened_at,
        ends_at=end,
        is_open=ticket.closed_at is None and now < end,
        caller_id=PersonId(ticket.caller_id) if ticket.caller_id else None,
        verified_by=ticket.verified_by,
        patient_id=PersonId(ticket.patient_id) if ticket.patient_id else None,
    )
