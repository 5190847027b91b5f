"""Consents turned into what clients see."""

from datetime import datetime
from uuid import UUID

from graphql_schema.catalogue import Language
from graphql_schema.consents.types import (
    Consent,
    ConsentRecipient,
    ConsentRecipientKind,
    ConsentSection,
    ConsentSignature,
    ConsentState,
    ConsentText,
)
from graphql_schema.node import encode_id
from identity import consent_values, consent_wordings
from identity.consent_values import Recipient, RecipientKind
from identity.consent_wordings import HEADINGS, ConsentTexts


def to_text(text: consent_wordings.ConsentText, language: Language) -> ConsentText:
    """Write a version in one language."""
    wording = text.wordings[language]
    return ConsentText(
        purpose=text.purpose,
        version=text.version,
        language=language,
        title=wording.title,
        text=wording.text,
        sections=[
            ConsentSection(heading=heading, text=part)
            for heading, part in zip(HEADINGS[language], wording.parts, strict=True)
        ],
        hash=wording.hash,
        recipient_kinds=[ConsentRecipientKind(kind.value) for kind in sorted(text.recipients)],
        longest_days=text.longest.days,
    )


def to_consent(consent: consent_values.Consent, *, texts: ConsentTexts, now: datetime) -> Consent:
    """Write a consent with the text it was given to, in the language that was shown."""
    text = texts.version(consent.purpose, consent.version)
    signature = consent.signature
    withdrawn_by = consent.withdrawn_by
    return Consent(
        id=encode_id("Consent", consent.id),
        text=to_text(text, consent.language) if text else None,
        recipient=_recipient(consent.recipient),
        state=_state(consent, now),
        given_at=consent.given_at,
        expires_at=consent.expires_at,
        signature=ConsentSignature(
            by_person_id=encode_id("Person", signature.by),
            is_by_self=signature.by == consent.person_id,
            assurance=signature.assurance.value,
            authenticated_at=signature.authenticated_at,
        ),
        withdrawn_at=consent.withdrawn_at,
        withdrawn_by_self=None if withdrawn_by is None else withdrawn_by == consent.person_id,
        replaced_at=consent.replaced_at,
    )


def _recipient(recipient: Recipient) -> ConsentRecipient:
    is_clinician = recipient.kind is RecipientKind.CLINICIAN
    return ConsentRecipient(
        kind=ConsentRecipientKind(recipient.kind.value),
        ogrn=recipient.id if recipient.kind is RecipientKind.ORGANIZATION else None,
        clinician_id=encode_id("Person", UUID(recipient.id)) if is_clinician else None,
    )


def _state(consent: consent_values.Consent, now: datetime) -> ConsentState:
    if consent.withdrawn_at is not None:
        return ConsentState.WITHDRAWN
    if consent.replaced_at is not None:
        return ConsentState.REPLACED
    return ConsentState.IN_FORCE if consent.is_in_force(now) else ConsentState.EXPIRED
