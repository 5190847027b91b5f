"""Guardianships as an officer sees them."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.family.types import GuardianshipDocumentKind, GuardianshipStatus, RelatedPerson
from graphql_schema.profile.types import Sex
from graphql_schema.scalars import Date, DateTime, Snils


@strawberry.enum(description="What an officer has decided about a guardianship.")
class GuardianshipVerdict(Enum):
    """Verdict."""

    CONFIRMED = strawberry.enum_value("confirmed", description="The document is as it was told: it begins.")
    REFUSED = strawberry.enum_value("refused", description="It is not; the guardian is told that it was refused.")


@strawberry.type(description="A guardianship as its guardian has told of it, to be compared with the document.")
class GuardianshipCheck:
    """Guardianship, for an officer."""

    id: strawberry.ID = strawberry.field(description="What `settleGuardianship` needs; opaque.")
    status: GuardianshipStatus = strawberry.field(description="Where it stands.")
    guardian: RelatedPerson | None = strawberry.field(
        description="Who told of it; null where they are not known any more. An officer cannot open them."
    )
    family_name: str = strawberry.field(description="Family name of the ward.")
    given_name: str = strawberry.field(description="Given name of the ward.")
    patronymic: str | None = strawberry.field(description="Patronymic of the ward; null for people who have none.")
    birth_date: Date = strawberry.field(description="Day of birth of the ward.")
    sex: Sex = strawberry.field(description="Sex of the ward.")
    snils: Snils = strawberry.field(description="SNILS of the ward.")
    document_kind: GuardianshipDocumentKind = strawberry.field(description="What the document is.")
    document_number: str = strawberry.field(description="Its number.")
    issued_by: str = strawberry.field(description="Who issued it.")
    first_day: Date = strawberry.field(description="Its first day.")
    last_day: Date = strawberry.field(description="Its last day, inclusive.")
    requested_at: DateTime = strawberry.field(description="When it was told.")
    settled_at: DateTime | None = strawberry.field(description="When an officer settled it.")
    note: str | None = strawberry.field(description="What the officer wrote.")
    representation_id: strawberry.ID | None = strawberry.field(
        description="What it gave, for `endRepresentationByLaw`; null before it is confirmed."
    )
    ended_at: DateTime | None = strawberry.field(description="When what it gave was ended; null while it is not.")


_ERRORS = "Why nothing was done; empty when all went well."


@strawberry.type(description="What came of settling a guardianship.")
class SettleGuardianshipPayload:
    """The guardianship, or why it stands."""

    guardianship: GuardianshipCheck | None = strawberry.field(
        default=None, description="The guardianship as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of ending what the law gave.")
class EndRepresentationByLawPayload:
    """Its id, or why not."""

    ended_id: strawberry.ID | None = strawberry.field(
        default=None, description="Id of what does not stand any more; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)
