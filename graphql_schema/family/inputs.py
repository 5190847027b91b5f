"""What clients send about the family."""

from uuid import UUID

import strawberry

from graphql_schema.family.types import GuardianshipDocumentKind, RepresentationRight
from graphql_schema.profile.types import Sex
from graphql_schema.scalars import Date, DateTime, PhoneNumber, Snils

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="A certificate of birth, as it stands on paper.")
class BirthCertificateInput:
    """The document of a child."""

    series: str = strawberry.field(description="Series, as II-ДМ.")
    number: str = strawberry.field(description="Number, as 123456.")
    act_record: str | None = strawberry.field(
        default=None, description="Number of the record; needed where the source knows it."
    )


@strawberry.input(description="Which child, and the document.")
class ConfirmChildInput:
    """The input of `confirmChild`."""

    child_id: strawberry.ID = strawberry.field(description="Id of a candidate of `childCandidates`.")
    certificate: BirthCertificateInput = strawberry.field(description="The certificate of birth.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Whose guardian, and by which document.")
class RegisterGuardianshipInput:
    """The input of `registerGuardianship`."""

    family_name: str = strawberry.field(description="Family name of the ward.")
    given_name: str = strawberry.field(description="Given name of the ward.")
    patronymic: str | None = strawberry.field(default=None, description="Patronymic of the ward.")
    birth_date: Date = strawberry.field(description="Day of birth of the ward.")
    sex: Sex = strawberry.field(description="Sex of the ward.")
    snils: Snils = strawberry.field(description="SNILS of the ward.")
    document_kind: GuardianshipDocumentKind = strawberry.field(description="What the document is.")
    document_number: str = strawberry.field(description="Its number.")
    issued_by: str = strawberry.field(description="Who issued it.")
    first_day: Date = strawberry.field(description="From which day on.")
    last_day: Date = strawberry.field(description="To which day, inclusive.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="One right and when it ends.")
class GivenRightInput:
    """A right to give."""

    right: RepresentationRight = strawberry.field(description="What may be done.")
    until: DateTime = strawberry.field(description="From this instant on it may not; within a year.")


@strawberry.input(description="Whom to invite: by telephone or by SNILS, and by the birth date.")
class GrantRepresentationInput:
    """The input of `grantRepresentation`."""

    phone: PhoneNumber | None = strawberry.field(default=None, description="Telephone, where it names the adult.")
    snils: Snils | None = strawberry.field(default=None, description="SNILS, where it names the adult.")
    birth_date: Date = strawberry.field(description="Day of birth of the adult.")
    rights: list[GivenRightInput] = strawberry.field(description="What to give: each right once.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="The code of an invitation.")
class OpenInvitationInput:
    """The input of `openInvitation`."""

    code: str = strawberry.field(description="As `grantRepresentation` gave it to the other one.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which invitation to accept.")
class AcceptRepresentationInput:
    """The input of `acceptRepresentation`."""

    invitation_id: strawberry.ID = strawberry.field(description="Id of an invitation that was opened.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which invitation to decline.")
class DeclineRepresentationInput:
    """The input of `declineRepresentation`."""

    invitation_id: strawberry.ID = strawberry.field(description="Id of an invitation that was opened.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What to end.")
class EndRepresentationInput:
    """The input of `endRepresentation`."""

    id: strawberry.ID = strawberry.field(description="Id of a representation, or of an own invitation to take back.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
