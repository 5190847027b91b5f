"""How failures reach a client: refusals as data in a payload, everything else as coded top-level errors."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import strawberry

from backend.errors import Operational, Refusal
from geo.errors import GeoRefusal
from graphql_schema.context import Context
from identity.errors import (
    IdentityOperational,
    IdentityRefusal,
    InsufficientUserAuthentication,
    NotSignedIn,
    TokenRefused,
)

REFUSALS: tuple[type[Refusal | IdentityRefusal | GeoRefusal], ...] = (Refusal, IdentityRefusal, GeoRefusal)
"""Expected answers "no": `except REFUSALS as refusal:` in a mutation, then `user_errors`."""

_OF_EVERY_INPUT = MappingProxyType({"IDEMPOTENCY_KEY_REUSED": "idempotencyKey"})

OPERATIONALS: tuple[type[Operational | IdentityOperational], ...] = (Operational, IdentityOperational)
"""Failures that may pass: never caught by a resolver, they become retryable top-level errors."""


class BadCursor(Refusal):
    """A cursor that this connection did not give."""

    code = "BAD_CURSOR"


class PageSizeRefused(Refusal):
    """`first` is below 1 or above 100."""

    code = "PAGE_SIZE_REFUSED"


@strawberry.enum(
    description="Why a mutation was refused. New codes may appear: treat an unknown one as a plain refusal."
)
class UserErrorCode(Enum):
    """Every refusal code that may stand in a payload, sorted; each has its row in the error catalogue."""

    ACCESS_REFUSED = strawberry.enum_value(
        "ACCESS_REFUSED", description="The signed-in person has no right to do this for this person."
    )
    ACCOUNT_NOT_CONFIRMED = strawberry.enum_value(
        "ACCOUNT_NOT_CONFIRMED", description="The ESIA account is not confirmed, so medical data are closed."
    )
    ADULTS_ONLY = strawberry.enum_value("ADULTS_ONLY", description="Only adults trust each other with this.")
    ALREADY_CANCELLED = strawberry.enum_value("ALREADY_CANCELLED", description="The appointment was given up before.")
    APPOINTMENT_NOT_FOUND = strawberry.enum_value(
        "APPOINTMENT_NOT_FOUND", description="No such appointment, or not the person's own."
    )
    CALLER_ANSWER_INVALID = strawberry.enum_value(
        "CALLER_ANSWER_INVALID",
        description="Not exactly one answer: four digits of the policy, or six of the code. It counts as no try.",
    )
    CALLER_NOT_VERIFIED = strawberry.enum_value(
        "CALLER_NOT_VERIFIED",
        description="Nobody of this name and birth date, or a wrong answer; or nobody is verified yet.",
    )
    CALLER_NUMBER_INVALID = strawberry.enum_value(
        "CALLER_NUMBER_INVALID", description="Not a telephone number in E.164."
    )
    CALL_ALREADY_OPEN = strawberry.enum_value(
        "CALL_ALREADY_OPEN", description="The operator has an open call in this session."
    )
    CALL_NOT_OPEN = strawberry.enum_value(
        "CALL_NOT_OPEN", description="No such call of this operator and session, or it has ended."
    )
    CALL_THROTTLED = strawberry.enum_value(
        "CALL_THROTTLED", description="Too many wrong tries or codes; later, or in another call."
    )
    CALL_VERIFICATION_CLOSED = strawberry.enum_value(
        "CALL_VERIFICATION_CLOSED",
        description="The caller is known already, or there were too many wrong tries in this call.",
    )
    CANCEL_TOO_LATE = strawberry.enum_value("CANCEL_TOO_LATE", description="The appointment has begun.")
    CHANNEL_NOT_ALLOWED = strawberry.enum_value(
        "CHANNEL_NOT_ALLOWED", description="The slot is not given out through this door, or the person may not use it."
    )
    CHILD_CHECK_LOCKED = strawberry.enum_value(
        "CHILD_CHECK_LOCKED", description="The document was another one too often; the next try waits a day."
    )
    CHILD_DOCUMENT_MISMATCH = strawberry.enum_value(
        "CHILD_DOCUMENT_MISMATCH", description="The document is not the one that Госуслуги know."
    )
    CHILD_DOCUMENT_UNKNOWN = strawberry.enum_value(
        "CHILD_DOCUMENT_UNKNOWN", description="Госуслуги know no certificate of birth to compare with."
    )
    CHILD_FACTS_INCOMPLETE = strawberry.enum_value(
        "CHILD_FACTS_INCOMPLETE", description="Госуслуги do not tell the SNILS, birth date or sex of the child."
    )
    CHILD_NOT_FOUND = strawberry.enum_value("CHILD_NOT_FOUND", description="No such child on the account.")
    CHILD_OF_AGE = strawberry.enum_value("CHILD_OF_AGE", description="The child is 18 or older.")
    COMMENT_REFUSED = strawberry.enum_value(
        "COMMENT_REFUSED", description="A comment or note is too long, or a note is empty."
    )
    CONSENT_RECIPIENT_INVALID = strawberry.enum_value(
        "CONSENT_RECIPIENT_INVALID", description="Nobody can be meant by this recipient."
    )
    CONSENT_RECIPIENT_NOT_ALLOWED = strawberry.enum_value(
        "CONSENT_RECIPIENT_NOT_ALLOWED", description="The text cannot be given to a recipient of this kind."
    )
    CONSENT_TERM_INVALID = strawberry.enum_value(
        "CONSENT_TERM_INVALID", description="The consent would end in the past, or last too long."
    )
    CONSENT_TEXT_OUTDATED = strawberry.enum_value(
        "CONSENT_TEXT_OUTDATED", description="Another version of the text is asked now."
    )
    CONSENT_TEXT_UNKNOWN = strawberry.enum_value("CONSENT_TEXT_UNKNOWN", description="There is no such text.")
    DEVICE_ADDRESS_INVALID = strawberry.enum_value(
        "DEVICE_ADDRESS_INVALID", description="No provider gives such an address, or not of this kind."
    )
    DEVICE_KEY_INVALID = strawberry.enum_value(
        "DEVICE_KEY_INVALID", description="Not a public key of P-256 as a JWK, or one with its private part."
    )
    DEVICE_LOCALE_INVALID = strawberry.enum_value("DEVICE_LOCALE_INVALID", description="Not a language tag of BCP 47.")
    DEVICE_NOT_FOUND = strawberry.enum_value(
        "DEVICE_NOT_FOUND", description="No such device that can be woken, or not the person's own."
    )
    DEVICE_TIME_ZONE_INVALID = strawberry.enum_value(
        "DEVICE_TIME_ZONE_INVALID", description="No time zone of the IANA database."
    )
    DEVICE_VERSION_INVALID = strawberry.enum_value(
        "DEVICE_VERSION_INVALID", description="Not the version of an app, or too long."
    )
    DUPLICATE_SPECIALTY = strawberry.enum_value(
        "DUPLICATE_SPECIALTY", description="The person has a coming appointment of this specialty."
    )
    EMERGENCY_LIMIT_REACHED = strawberry.enum_value(
        "EMERGENCY_LIMIT_REACHED", description="Too many emergencies were opened today."
    )
    EMERGENCY_OF_ONESELF = strawberry.enum_value(
        "EMERGENCY_OF_ONESELF", description="Nobody breaks the glass to their own data."
    )
    EMERGENCY_REASON_INVALID = strawberry.enum_value(
        "EMERGENCY_REASON_INVALID", description="The reason is too short, too long, or says nothing."
    )
    EMERGENCY_STILL_OPEN = strawberry.enum_value(
        "EMERGENCY_STILL_OPEN", description="An emergency of this person is open; it is not extended."
    )
    ERASURE_IN_PROGRESS = strawberry.enum_value(
        "ERASURE_IN_PROGRESS", description="A request for erasure waits already."
    )
    ERASURE_NOT_WAITING = strawberry.enum_value(
        "ERASURE_NOT_WAITING", description="There is no request for erasure that could be taken back."
    )
    EXPORT_IN_PROGRESS = strawberry.enum_value(
        "EXPORT_IN_PROGRESS", description="A copy of these data is being made already."
    )
    EXPORT_LIMIT_REACHED = strawberry.enum_value(
        "EXPORT_LIMIT_REACHED", description="As many copies were asked for as are made in a day."
    )
    EXPORT_NOT_FOUND = strawberry.enum_value(
        "EXPORT_NOT_FOUND", description="No such copy, or not asked for by the signed-in person."
    )
    EXPORT_NOT_READY = strawberry.enum_value("EXPORT_NOT_READY", description="The copy is not ready, or not any more.")
    GRANTEE_UNCLEAR = strawberry.enum_value(
        "GRANTEE_UNCLEAR", description="The adult is named by a telephone or by a SNILS: by one of them."
    )
    GRANT_RIGHTS_INVALID = strawberry.enum_value("GRANT_RIGHTS_INVALID", description="No right is given, or one twice.")
    GRANT_TERM_INVALID = strawberry.enum_value(
        "GRANT_TERM_INVALID", description="A right would end in the past, or later than a year from now."
    )
    GUARDIANSHIP_DOCUMENT_INVALID = strawberry.enum_value(
        "GUARDIANSHIP_DOCUMENT_INVALID",
        description="A part of the document or of the ward's name is empty, too long or impossible.",
    )
    GUARDIANSHIP_NOT_FOUND = strawberry.enum_value(
        "GUARDIANSHIP_NOT_FOUND", description="No such guardianship waits for a check."
    )
    GUARDIANSHIP_TERM_INVALID = strawberry.enum_value(
        "GUARDIANSHIP_TERM_INVALID", description="The days of the document are out of order, over, or too many."
    )
    HANDOVER_CODE_INVALID = strawberry.enum_value(
        "HANDOVER_CODE_INVALID", description="The code is wrong, over, used or another person's."
    )
    HANDOVER_SUBJECT_NOT_FOUND = strawberry.enum_value(
        "HANDOVER_SUBJECT_NOT_FOUND", description="No such hold or appointment that stands, or not the person's own."
    )
    HOLD_EXPIRED = strawberry.enum_value("HOLD_EXPIRED", description="The hold ended before it was booked.")
    HOLD_NOT_FOUND = strawberry.enum_value(
        "HOLD_NOT_FOUND", description="No such hold, not the person's own, or booked already."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The idempotency key was already used with another input."
    )
    INVITATION_NOT_FOUND = strawberry.enum_value(
        "INVITATION_NOT_FOUND", description="No such invitation, not for this person, answered, or too old."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such object, or the caller may not know of it."
    )
    OFFICER_NOTE_REFUSED = strawberry.enum_value(
        "OFFICER_NOTE_REFUSED", description="An officer's note is too long, or empty where one is needed."
    )
    PATIENT_NOT_REPRESENTED = strawberry.enum_value(
        "PATIENT_NOT_REPRESENTED",
        description="Nobody of this name and birth date, or nobody for whom the caller may act.",
    )
    PERSON_FACTS_CONFLICT = strawberry.enum_value(
        "PERSON_FACTS_CONFLICT", description="Under this SNILS somebody else is known."
    )
    PHONE_INVALID = strawberry.enum_value("PHONE_INVALID", description="Not a Russian telephone number.")
    PREFERENCES_UNCLEAR = strawberry.enum_value(
        "PREFERENCES_UNCLEAR", description="No change is named, or the same topic and channel twice."
    )
    QUIET_HOURS_INVALID = strawberry.enum_value(
        "QUIET_HOURS_INVALID", description="Not two hours on a clock, or they last too short or too long."
    )
    REPRESENTATION_BY_LAW = strawberry.enum_value(
        "REPRESENTATION_BY_LAW", description="A child or a ward cannot end what the law gives."
    )
    REPRESENTATION_ENDED = strawberry.enum_value("REPRESENTATION_ENDED", description="It is over already.")
    REPRESENTATION_EXISTS = strawberry.enum_value(
        "REPRESENTATION_EXISTS", description="The one acts for the other already."
    )
    REPRESENTATION_NOT_FOUND = strawberry.enum_value(
        "REPRESENTATION_NOT_FOUND", description="No such representation of which the person is a side."
    )
    REVIEW_ALREADY_SETTLED = strawberry.enum_value("REVIEW_ALREADY_SETTLED", description="The review has its verdict.")
    SESSION_NOT_FOUND = strawberry.enum_value(
        "SESSION_NOT_FOUND", description="No such session, or not the person's own."
    )
    SLOT_IN_PAST = strawberry.enum_value("SLOT_IN_PAST", description="The slot has begun.")
    SLOT_NOT_FOUND = strawberry.enum_value("SLOT_NOT_FOUND", description="No such slot.")
    SLOT_TAKEN = strawberry.enum_value("SLOT_TAKEN", description="Somebody else keeps the slot.")
    SLOT_TOO_FAR = strawberry.enum_value(
        "SLOT_TOO_FAR", description="The slot lies further ahead than this door books."
    )
    SNILS_INVALID = strawberry.enum_value("SNILS_INVALID", description="Not a SNILS: 11 digits with a check number.")
    TIME_OVERLAP = strawberry.enum_value("TIME_OVERLAP", description="The person keeps another slot at this time.")
    TOO_MANY_ATTEMPTS = strawberry.enum_value(
        "TOO_MANY_ATTEMPTS", description="More attempts in a minute than anybody needs."
    )
    TOO_MANY_GUARDIANSHIPS = strawberry.enum_value(
        "TOO_MANY_GUARDIANSHIPS", description="Too many guardianships of one person wait for an officer."
    )
    TOO_MANY_INVITATIONS = strawberry.enum_value(
        "TOO_MANY_INVITATIONS", description="Too many invitations are unanswered."
    )
    TOO_MANY_NOTIFICATIONS = strawberry.enum_value(
        "TOO_MANY_NOTIFICATIONS", description="More than 100 messages in one request."
    )
    TOPIC_STATUTORY = strawberry.enum_value(
        "TOPIC_STATUTORY", description="The topic cannot be switched off; the error says why."
    )


@strawberry.interface(description="Why a mutation was refused; concrete types add data of their own.")
class UserError:
    """A refusal as data."""

    code: UserErrorCode = strawberry.field(description="The stable code; its remedy stands in the error catalogue.")
    message: str = strawberry.field(description="A text for the person, in the language of `Accept-Language`.")
    path: list[str] | None = strawberry.field(
        default=None, description="The part of the input that was refused, from `input` down; null for the whole."
    )


@strawberry.type(description="A refusal without data of its own.")
class RefusedError(UserError):
    """The ordinary refusal."""


def user_errors(
    context: Context,
    refusal: Refusal | IdentityRefusal | GeoRefusal,
    fields: Mapping[str, str] = MappingProxyType({}),
    *,
    otherwise: str | None = None,
) -> list[UserError]:
    """Turn a refusal into the errors of a payload; the answer is marked where an earlier request got it already.

    Args:
        context: Of the request; the text is in the caller's language.
        refusal: What was refused.
        fields: By code, the part of the input that the code is about.
        otherwise: The part that every other code is about; None for the whole input.

    Raises:
        NotSignedIn: Given one; it is a top-level error, not data.
        TokenRefused: The same.
        InsufficientUserAuthentication: The same; its `extensions` say what would do (S31).
    """
    if isinstance(refusal, NotSignedIn | TokenRefused | InsufficientUserAuthentication):
        raise refusal
    context.mark_replay(replayed=isinstance(refusal, Refusal) and refusal.replayed)
    name = _OF_EVERY_INPUT.get(refusal.code) or fields.get(refusal.code, otherwise)
    error = RefusedError(
        code=UserErrorCode(refusal.code),
        message=context.catalogue.message(refusal.code, context.language),
        path=["input", name] if name else None,
    )
    return [error]
