"""What both sides are told; no name, no number and no health fact stands in it."""

from datetime import datetime
from uuid import UUID

from identity.principal import PersonId
from identity.representation_tables import InvitationRow, RepresentationRow
from notifications.messages import Message, MessageKind

PERSON, REPRESENTATIVE = "person", "representative"


def offered(invitation: InvitationRow) -> Message:
    """Tell an adult that they have invited somebody."""
    return _message(MessageKind.REPRESENTATION_OFFERED, invitation.person_id, invitation.id, side=PERSON)


def opened(invitation: InvitationRow, representative_id: PersonId) -> Message:
    """Tell an adult that they are invited."""
    return _message(MessageKind.REPRESENTATION_OFFERED, representative_id, invitation.id, side=REPRESENTATIVE)


def declined(invitation: InvitationRow) -> Message:
    """Tell an adult that whom they invited does not want to."""
    return _message(MessageKind.REPRESENTATION_DECLINED, invitation.person_id, invitation.id)


def begun(row: RepresentationRow) -> tuple[Message, Message]:
    """Tell both sides that one acts for the other from now on."""
    return _both(MessageKind.REPRESENTATION_BEGUN, row)


def ended(row: RepresentationRow) -> tuple[Message, Message]:
    """Tell both sides that it is over."""
    return _both(MessageKind.REPRESENTATION_ENDED, row)


def expiring(row: RepresentationRow, ends_at: datetime, time_zone: str) -> tuple[Message, Message]:
    """Tell both sides when it ends by itself, by the clock of the person acted for."""
    return _both(MessageKind.REPRESENTATION_EXPIRING, row, starts_at=ends_at.isoformat(), zone=time_zone)


def guardianship_refused(guardian_id: UUID, guardianship_id: UUID) -> Message:
    """Tell a guardian that the document was not accepted."""
    return _message(MessageKind.GUARDIANSHIP_REFUSED, guardian_id, guardianship_id)


def _both(kind: MessageKind, row: RepresentationRow, **more: str) -> tuple[Message, Message]:
    return (
        _message(kind, row.person_id, row.id, side=PERSON, **more),
        _message(kind, row.representative_id, row.id, side=REPRESENTATIVE, **more),
    )


def _message(kind: MessageKind, person_id: UUID, about: UUID, **parameters: str) -> Message:
    return Message(kind=kind, person_id=person_id, dedupe_key=f"{kind.value}:{about}", parameters=parameters)
