"""Refusals and failures around policies. "The source is down" is never shown as "there is no policy"."""

from backend.errors import Operational, Refusal


class EnpInvalid(Refusal):
    """Not 16 digits, or the last one does not fit."""

    code = "ENP_INVALID"


class SnilsUnknown(Refusal):
    """The register is asked by SNILS, and this person's is not known here."""

    code = "SNILS_UNKNOWN"


class PolicyNotFound(Refusal):
    """The register answered that it knows no policy of this person."""

    code = "POLICY_NOT_FOUND"


class PolicySourceUnavailable(Operational):
    """The register did not answer, or answered what cannot be this person's policy."""

    code = "POLICY_SOURCE_UNAVAILABLE"
    retry_after_ms = 30_000
