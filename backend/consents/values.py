"""Pages of a register of consents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.consent_values import Consent


@dataclass(frozen=True, slots=True)
class ConsentPosition:
    """A place between two consents of the list: just after this one."""

    given_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A part of a register, newest first."""

    items: list[Consent]
    has_next: bool
