"""What a sign-in at ESIA proves, in our words."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from identity.known_children import BirthCertificate, ToldChild
from identity.ports import PersonFacts
from identity.principal import Assurance


@dataclass(frozen=True, slots=True)
class EsiaDocument:
    """A document on the account. A policy (MDCL_PLCY) may be unverified: never proof of cover."""

    kind: str
    series: str | None
    number: str
    verified: bool
    issued_on: date | None = None
    issued_by: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class EsiaAddress:
    """An address as text; `kind` is `living` or `registration`."""

    kind: Literal["living", "registration"]
    text: str
    fias_code: str | None = None


@dataclass(frozen=True, slots=True)
class EsiaChild:
    """A child on the account: it shows that the child is there, not that the parent has rights today.

    `subject` is the child's own number at ESIA; `snils` is 11 digits. What the scope withheld is None.
    """

    subject: str
    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: date | None
    sex: Literal["male", "female"] | None
    snils: str | None
    certificate: BirthCertificate | None = None

    def told(self) -> ToldChild:
        """Return the child as a candidate that the parent may confirm."""
        return ToldChild(
            subject=self.subject,
            family_name=self.family_name,
            given_name=self.given_name,
            patronymic=self.patronymic,
            birth_date=self.birth_date,
            sex=self.sex,
            snils=self.snils,
            certificate=self.certificate,
        )


@dataclass(frozen=True, slots=True)
class EsiaRole:
    """An organisation the person is an employee of.

    `organisation` is its number at ESIA; `groups` are the access groups of our system that the organisation's
    administrator put the person into (config): they say in which capacity the person works.
    """

    organisation: str
    full_name: str
    ogrn: str | None
    branch: str | None
    branch_name: str | None
    is_chief: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EsiaGrant:
    """ESIA's own tokens of this sign-in; they are in no text of this value. `expires_at` is the access token's end."""

    expires_at: datetime
    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EsiaIdentity:
    """Who signed in: known by (issuer, subject); `authenticated_at` is when ESIA saw the person, aware UTC."""

    issuer: str
    subject: str
    assurance: Assurance
    authenticated_at: datetime
    facts: PersonFacts
    documents: tuple[EsiaDocument, ...]
    addresses: tuple[EsiaAddress, ...] = ()
    children: tuple[EsiaChild, ...] = ()
    roles: tuple[EsiaRole, ...] = ()
    grant: EsiaGrant | None = None
