"""Why and for how long data are opened in an emergency."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from identity.emergency_errors import EmergencyReasonInvalid
from identity.principal import ActorKind, PersonId

EmergencyId = NewType("EmergencyId", UUID)

SHORTEST_REASON = 10
LONGEST_REASON = 500


class EmergencyCategory(StrEnum):
    """What kind of emergency."""

    THREAT_TO_LIFE = "threat_to_life"
    UNCONSCIOUS = "unconscious"
    CANNOT_COMMUNICATE = "cannot_communicate"
    CHILD_ALONE = "child_alone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EmergencyTerms:
    """The rules of a region: how long it lasts, and how often one actor may on one day (UTC)."""

    lasts: timedelta = timedelta(minutes=30)
    most_a_day: int = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; the text is free and may tell of health: it is shown to officers only, and never logged."""

    category: EmergencyCategory
    text: str = field(repr=False)

    @classmethod
    def parse(cls, category: EmergencyCategory, text: str) -> Self:
        """Take a reason as typed, its spaces gathered.

        Raises:
            EmergencyReasonInvalid: Below 10 or above 500 characters, unprintable, or without a single letter.
        """
        said = " ".join(text.split())
        is_text = said.isprintable() and any(character.isalpha() for character in said)
        if not is_text or not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
            raise EmergencyReasonInvalid
        return cls(category, said)


@dataclass(frozen=True, slots=True)
class Emergency:
    """One emergency; it opens data to its actor from `opened_at` until, and without, `expires_at`."""

    id: EmergencyId
    person_id: PersonId
    actor_id: PersonId
    actor_kind: ActorKind
    organization: str | None
    reason: Reason
    opened_at: datetime
    expires_at: datetime
