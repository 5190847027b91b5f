"""Giving and withdrawing consents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.consents.service import Wish
from backend.idempotency import Outcome
from graphql_schema.consents.inputs import ConsentRecipientInput, GiveConsentInput, WithdrawConsentInput
from graphql_schema.consents.presentation import to_consent
from graphql_schema.consents.types import Consent, GiveConsentPayload, WithdrawConsentPayload
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity import consent_values
from identity.access import signed_in
from identity.consent_errors import ConsentRecipientInvalid
from identity.consent_values import ConsentId, Recipient
from identity.principal import PersonId

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "CONSENT_RECIPIENT_INVALID": "recipient",
        "CONSENT_RECIPIENT_NOT_ALLOWED": "recipient",
        "CONSENT_TERM_INVALID": "expiresAt",
        "CONSENT_TEXT_OUTDATED": "textHash",
        "CONSENT_TEXT_UNKNOWN": "textHash",
        "NOT_FOUND": "consentId",
    }
)


@strawberry.type(description="Changes of the register of consents.")
class ConsentMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Sign the text that was shown. Needs a recent proof of who one is. An open consent of the same "
        "purpose and recipient is replaced. Refused with CONSENT_TEXT_OUTDATED when another version is asked "
        "meanwhile: show that one."
    )
    async def give_consent(
        self,
        info: Info,
        input: Annotated[GiveConsentInput, strawberry.argument(description="What.")],  # noqa: A002 # the public name
    ) -> GiveConsentPayload | None:
        """Give a consent."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            wish = Wish(input.purpose, input.text_hash, _recipient(input.recipient), input.expires_at)
            person = person_of(actor, input.person_id)
            given = await context.services.consents.give(actor, person, wish, idempotency_key=input.idempotency_key)
        except REFUSALS as refusal:
            return GiveConsentPayload(errors=user_errors(context, refusal, _FIELDS))
        return GiveConsentPayload(consent=_shown(context, given))

    @mutation(
        description="Withdraw a consent: from the next request on it opens nothing, streams end at their next event, "
        "and nothing scheduled is sent by it. One that is over stays as it is."
    )
    async def withdraw_consent(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            WithdrawConsentInput, strawberry.argument(description="Which.")
        ],
    ) -> WithdrawConsentPayload | None:
        """Withdraw a consent."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            withdrawn = await context.services.consents.withdraw(
                actor,
                person_of(actor, input.person_id),
                ConsentId(decode_id(input.consent_id, "Consent")),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return WithdrawConsentPayload(errors=user_errors(context, refusal, _FIELDS))
        return WithdrawConsentPayload(consent=_shown(context, withdrawn))


def _recipient(given: ConsentRecipientInput | None) -> Recipient:
    """Read to whom; nobody in particular when left out.

    Raises:
        ConsentRecipientInvalid: Both are named, a malformed id, or an OGRN that is none.
    """
    if given is None or (given.ogrn is None and given.clinician_id is None):
        return Recipient.of_purpose()
    if given.clinician_id is None:
        return Recipient.organization(given.ogrn or "")
    if given.ogrn is not None:
        raise ConsentRecipientInvalid
    return Recipient.clinician(PersonId(decode_id(given.clinician_id, "Person", missing=ConsentRecipientInvalid)))


def _shown(context: Context, outcome: Outcome[consent_values.Consent]) -> Consent:
    context.mark_replay(replayed=outcome.replayed)
    return to_consent(outcome.value, texts=context.services.consents.texts, now=context.clock())
