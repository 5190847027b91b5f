"""What a sign-in at ESIA proves, in our words."""

from dataclasses import dataclass
from datetime import datetime

from identity.ports import PersonFacts
from identity.principal import Assurance


@dataclass(frozen=True, slots=True)
class EsiaDocument:
    """A document on the account. A policy (MDCL_PLCY) may be unverified: never proof of cover."""

    kind: str
    series: str | None
    number: str
    verified: bool


@dataclass(frozen=True, slots=True)
class EsiaIdentity:
    """Who signed in: known by (issuer, subject); `authenticated_at` is when ESIA saw the person, aware UTC."""

    issuer: str
    subject: str
    assurance: Assurance
    authenticated_at: datetime
    facts: PersonFacts
    documents: tuple[EsiaDocument, ...]
