"""Refusals of a handover."""

from backend.errors import Refusal


class HandoverSubjectNotFound(Refusal):
    """No such hold or appointment that could be gone on with, or another person's: all answer alike (S36)."""

    code = "HANDOVER_SUBJECT_NOT_FOUND"


class HandoverCodeInvalid(Refusal):
    """The code is wrong, over, used, replaced or another person's: all answer alike (S33, S36)."""

    code = "HANDOVER_CODE_INVALID"
