"""A consent, and to whom it is given."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from identity.capacities import Capacity
from identity.consent_errors import ConsentRecipientInvalid
from identity.language import Language
from identity.principal import Assurance, PersonId, Principal, SessionId

ConsentId = NewType("ConsentId", UUID)

_OGRN = re.compile(r"[0-9]{13}|[0-9]{15}", re.ASCII)


class RecipientKind(StrEnum):
    """To whom a consent can be given; which of them a text allows is said beside the text."""

    ORGANIZATION = "organization"
    CLINICIAN = "clinician"
    PURPOSE = "purpose"


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a consent is given; `id` is an OGRN, a clinician's person id, or empty: whoever serves the purpose."""

    kind: RecipientKind
    id: str = field(repr=False)

    @classmethod
    def organization(cls, ogrn: str) -> Self:
        """Name a legal person (13 digits) or an entrepreneur (15).

        Raises:
            ConsentRecipientInvalid: Another length, or a check digit that does not fit.

        Source: domain reference, §2 "ОГРН".
        """
        if not _OGRN.fullmatch(ogrn) or int(ogrn[:-1]) % (len(ogrn) - 2) % 10 != int(ogrn[-1]):
            raise ConsentRecipientInvalid
        return cls(RecipientKind.ORGANIZATION, ogrn)

    @classmethod
    def clinician(cls, person_id: PersonId) -> Self:
        """Name one clinician, wherever they work."""
        return cls(RecipientKind.CLINICIAN, str(person_id))

    @classmethod
    def of_purpose(cls) -> Self:
        """Name nobody in particular: whoever serves the purpose, as the text says."""
        return cls(RecipientKind.PURPOSE, "")

    def covers(self, actor: Principal) -> bool:
        """Say whether the actor is the one it names, or works for the one it names."""
        if self.kind is RecipientKind.ORGANIZATION:
            return actor.organization == self.id
        return self.kind is RecipientKind.PURPOSE or self.id == str(actor.person_id)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a consent was signed: by whom, as what to the person, and how surely they were known.

    `authenticated_at` is when they last proved at ESIA who they are; None where the session is not kept.
    """

    by: PersonId
    capacity: Capacity
    assurance: Assurance
    session_id: SessionId
    authenticated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent as given; instants are aware UTC. It is in force until the first of its ends."""

    id: ConsentId
    person_id: PersonId
    purpose: str
    version: int
    language: Language
    text_hash: str
    recipient: Recipient
    given_at: datetime
    expires_at: datetime
    signature: Signature
    withdrawn_at: datetime | None
    withdrawn_by: PersonId | None
    replaced_at: datetime | None

    def is_in_force(self, now: datetime) -> bool:
        """Say whether it holds at this moment; at its very end it does not."""
        return self.withdrawn_at is None and self.replaced_at is None and self.given_at <= now < self.expires_at
