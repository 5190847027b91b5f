"""Refusals of the profile."""

from backend.errors import Refusal


class SnilsInvalid(Refusal):
    """Not 11 digits, all zeros, or the check number is wrong."""

    code = "SNILS_INVALID"


class PhoneInvalid(Refusal):
    """Not a Russian telephone number."""

    code = "PHONE_INVALID"
