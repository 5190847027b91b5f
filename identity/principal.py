"""Who is acting: the value that every service method receives."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)
SessionId = NewType("SessionId", UUID)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When nobody said that somebody proved who they are: too long ago for anything that asks for it."""


class ActorKind(StrEnum):
    """As what somebody is signed in; for whom they may act is decided anew each time (`identity.capacities`)."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    INSURANCE_REPRESENTATIVE = "insurance_representative"
    CLINICIAN = "clinician"
    AMBULANCE_CREW = "ambulance_crew"
    KIOSK = "kiosk"
    DEVICE = "device"
    AUDITOR = "auditor"
    SERVICE = "service"


PRIVATE_KINDS = frozenset({ActorKind.CITIZEN, ActorKind.KIOSK, ActorKind.DEVICE})
"""Those who act as private persons, by the account that ESIA has proven; staff and systems act by their work."""


class Assurance(StrEnum):
    """Level of the ESIA account; only CONFIRMED (`trusted=true`) may see medical data."""

    SIMPLIFIED = "simplified"
    STANDARD = "standard"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in actor, as proven by an access token; `expires_at` is the token's end, aware UTC.

    `organization` is the OGRN of the employer of staff, `level` that of an insurance representative (1 to 3).
    `authenticated_at` is when the person last proved who they are, `key_thumbprint` (RFC 7638) names the device's key
    that the token is bound to; None for a bearer token.
    """

    kind: ActorKind
    person_id: PersonId
    assurance: Assurance
    session_id: SessionId
    expires_at: datetime
    organization: str | None = None
    level: int | None = None
    authenticated_at: datetime = LONG_AGO
    key_thumbprint: str | None = None
