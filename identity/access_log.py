"""How an entry of the access log is named: an id that only the log it stands in can read."""

import hashlib
from uuid import UUID

from identity.principal import PersonId

_MOST = (1 << 62) - 1
_VERSION_AND_VARIANT = (0xF << 76) | (0b11 << 62)
_EIGHT = (0x8 << 76) | (0b10 << 62)


def entry_id(person_id: PersonId, sequence: int) -> UUID:
    """Return the id of an entry: a UUIDv8 of a hash over person and sequence, and the sequence.

    Source: RFC 9562 §5.8.
    """
    digest = hashlib.sha256(person_id.bytes + sequence.to_bytes(8)).digest()
    high = int.from_bytes(digest[:8]) << 64
    return UUID(int=(high & ~_VERSION_AND_VARIANT) | _EIGHT | (sequence & _MOST))


def sequence_of(person_id: PersonId, uuid: UUID) -> int | None:
    """Return the sequence that an id names in this person's log; None for an id of another log."""
    sequence = uuid.int & _MOST
    return sequence if entry_id(person_id, sequence) == uuid else None
