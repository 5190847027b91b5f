"""Refusals of consents."""

from identity.errors import IdentityRefusal


class ConsentRecipientInvalid(IdentityRefusal):
    """Nobody can be meant: an OGRN whose check digit does not fit, or not one recipient."""

    code = "CONSENT_RECIPIENT_INVALID"
