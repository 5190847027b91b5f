"""What clients send about consents."""

from uuid import UUID

import strawberry

from graphql_schema.scalars import DateTime

_PERSON = "For whom: the global id of a person; the signed-in one when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="To whom: one of the two, or neither where the text is for whoever serves the purpose.")
class ConsentRecipientInput:
    """Recipient."""

    ogrn: str | None = strawberry.field(default=None, description="State registration number of an organisation.")
    clinician_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the clinician, as a person."
    )


@strawberry.input(description="What is signed.")
class GiveConsentInput:
    """The input of `giveConsent`."""

    purpose: str = strawberry.field(description="The purpose, as `consentTexts` gives.")
    text_hash: str = strawberry.field(description="`hash` of the very text that was shown.")
    recipient: ConsentRecipientInput | None = strawberry.field(
        default=None, description="To whom; left out where the text is for whoever serves the purpose."
    )
    expires_at: DateTime | None = strawberry.field(
        default=None, description="Until when; as long as the text allows when left out."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which consent to withdraw.")
class WithdrawConsentInput:
    """The input of `withdrawConsent`."""

    consent_id: strawberry.ID = strawberry.field(description="Global id of the consent.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)
