"""Consents as clients see them."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime


@strawberry.enum(description="To whom a consent can be given.")
class ConsentRecipientKind(Enum):
    """Kind of a recipient."""

    CLINICIAN = strawberry.enum_value("clinician", description="One clinician, wherever they work.")
    ORGANIZATION = strawberry.enum_value("organization", description="One organisation: whoever works there.")
    PURPOSE = strawberry.enum_value(
        "purpose", description="Nobody in particular: whoever serves the purpose, as the text says."
    )


@strawberry.enum(description="What has become of a consent.")
class ConsentState(Enum):
    """State."""

    EXPIRED = strawberry.enum_value("expired", description="Its term is over.")
    IN_FORCE = strawberry.enum_value("in_force", description="It holds.")
    REPLACED = strawberry.enum_value("replaced", description="A later one of the same purpose and recipient holds.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="It was withdrawn.")


@strawberry.type(description="One of the things that a written consent must say.")
class ConsentSection:
    """Section. Source: 152-ФЗ art. 9 p. 4."""

    heading: str = strawberry.field(
        description="Its heading: subject, operator, purpose, data, actions, term, withdrawal."
    )
    text: str = strawberry.field(description="Its text.")


@strawberry.type(
    description="A text that people consent to: one version, in one language. Published texts never change."
)
class ConsentText:
    """Text."""

    purpose: str = strawberry.field(description="The purpose, as `clinician_access`.")
    version: int = strawberry.field(description="From 1 on.")
    language: str = strawberry.field(description="The language it is written in: ru or en.")
    title: str = strawberry.field(description="What it is called.")
    text: str = strawberry.field(description="All of it, in Markdown: show it as it is.")
    sections: list[ConsentSection] = strawberry.field(description="The same by its seven sections.")
    hash: str = strawberry.field(description="What `giveConsent` needs: SHA-256 of the text in UTF-8, in hex.")
    recipient_kinds: list[ConsentRecipientKind] = strawberry.field(description="To whom it can be given.")
    longest_days: int = strawberry.field(description="For how many days at most.")


@strawberry.type(description="To whom a consent was given.")
class ConsentRecipient:
    """Recipient."""

    kind: ConsentRecipientKind = strawberry.field(description="What kind of recipient.")
    ogrn: str | None = strawberry.field(description="State registration number of the organisation.")
    clinician_id: strawberry.ID | None = strawberry.field(description="Global id of the clinician.")


@strawberry.type(description="How a consent was signed.")
class ConsentSignature:
    """Signature."""

    by_person_id: strawberry.ID = strawberry.field(description="Global id of who signed.")
    is_by_self: bool = strawberry.field(
        description="Whether that was the person themself, and not who represents them."
    )
    assurance: str = strawberry.field(description="Level of the ESIA account: confirmed.")
    authenticated_at: DateTime | None = strawberry.field(
        description="When they last proved who they are; null where that is not kept."
    )


@strawberry.type(description="A consent in the person's register: as it was given, and what became of it.")
class Consent(Node):
    """Consent."""

    text: ConsentText | None = strawberry.field(description="The very text that was shown and signed.")
    recipient: ConsentRecipient = strawberry.field(description="To whom.")
    state: ConsentState = strawberry.field(description="What has become of it.")
    given_at: DateTime = strawberry.field(description="When it was given.")
    expires_at: DateTime = strawberry.field(description="Until when it holds at most.")
    signature: ConsentSignature = strawberry.field(description="How it was signed.")
    withdrawn_at: DateTime | None = strawberry.field(description="When it was withdrawn.")
    withdrawn_by_self: bool | None = strawberry.field(
        description="Whether the person withdrew it, and not who represents them; null where nobody did."
    )
    replaced_at: DateTime | None = strawberry.field(description="When a later one took its place.")


@strawberry.type(description="What came of giving a consent.")
class GiveConsentPayload:
    """A consent, or why there is none."""

    consent: Consent | None = strawberry.field(
        default=None, description="The consent as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of withdrawing a consent.")
class WithdrawConsentPayload:
    """The consent, or why it stands."""

    consent: Consent | None = strawberry.field(
        default=None, description="The consent as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
