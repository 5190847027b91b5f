"""Refusals around calls of 122."""

from identity.errors import IdentityRefusal


class CallerNumberInvalid(IdentityRefusal):
    """Not a telephone number in E.164."""

    code = "CALLER_NUMBER_INVALID"


class CallAlreadyOpen(IdentityRefusal):
    """The operator's session has an open call: one at a time."""

    code = "CALL_ALREADY_OPEN"


class CallNotOpen(IdentityRefusal):
    """No such call, another operator's or session's, or it has ended: all answer alike (S36)."""

    code = "CALL_NOT_OPEN"


class CallerAnswerInvalid(IdentityRefusal):
    """Neither four digits of a policy nor six of a code, or both; it counts as no try."""

    code = "CALLER_ANSWER_INVALID"


class CallerNotVerified(IdentityRefusal):
    """Nobody of this name and birth date or number, or a wrong answer: all answer alike; or nobody is verified yet."""

    code = "CALLER_NOT_VERIFIED"


class CallVerificationClosed(IdentityRefusal):
    """Nothing more is to be verified in this call: too many wrong tries, or the caller is known already."""

    code = "CALL_VERIFICATION_CLOSED"


class CallThrottled(IdentityRefusal):
    """Too many wrong tries or codes in this call; or of them, or calls, in the operator's last hour (S33)."""

    code = "CALL_THROTTLED"


class PatientNotRepresented(IdentityRefusal):
    """Nobody of this name and birth date or number, or nobody for whom the caller may act: all answer alike."""

    code = "PATIENT_NOT_REPRESENTED"
