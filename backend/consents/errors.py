"""Refusals of consents."""

from backend.errors import Refusal


class ConsentTextUnknown(Refusal):
    """No text was ever published under this hash, or for another purpose."""

    code = "CONSENT_TEXT_UNKNOWN"


class ConsentTextOutdated(Refusal):
    """The text that was shown is not the one that is asked now; or not yet."""

    code = "CONSENT_TEXT_OUTDATED"


class ConsentTermInvalid(Refusal):
    """The consent would end in the past, or last longer than its text allows."""

    code = "CONSENT_TERM_INVALID"


class ConsentRecipientNotAllowed(Refusal):
    """The text cannot be given to a recipient of this kind."""

    code = "CONSENT_RECIPIENT_NOT_ALLOWED"
