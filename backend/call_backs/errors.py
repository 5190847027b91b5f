"""Refusals of calling back. A foreign id answers exactly as a missing one (S36)."""

from backend.errors import Refusal
from backend.profile.errors import PhoneInvalid


class CallBackRefusal(Refusal):
    """A refusal of calling back."""


class CallBackNotFound(CallBackRefusal):
    """No such request, or not the person's own."""

    code = "CALL_BACK_NOT_FOUND"


class CallBackExists(CallBackRefusal):
    """The person is to be called back already: one open request of their own each."""

    code = "CALL_BACK_EXISTS"


class CallBackOver(CallBackRefusal):
    """The request is final: called, cancelled or over."""

    code = "CALL_BACK_OVER"


class CallBackWindowInvalid(CallBackRefusal):
    """The window is the wrong way round, too short, over, too far ahead, or outside the hours of the desk."""

    code = "CALL_BACK_WINDOW_INVALID"


class CallBackNumberUnknown(CallBackRefusal):
    """No number was named, and none is registered that operators call."""

    code = "CALL_BACK_NUMBER_UNKNOWN"


class TooManyCallBacks(CallBackRefusal):
    """The person has asked as often as one may within a day."""

    code = "TOO_MANY_CALL_BACKS"


class NoCallBackDue(CallBackRefusal):
    """Nobody is to be called now."""

    code = "NO_CALL_BACK_DUE"


class CallBackUnsettled(CallBackRefusal):
    """The operator's session has one that is not settled: one at a time."""

    code = "CALL_BACK_UNSETTLED"


class CallBackNotTaken(CallBackRefusal):
    """No such request, another operator's or session's, given up, settled, or kept no more: all answer alike."""

    code = "CALL_BACK_NOT_TAKEN"


BY_CODE: dict[str, type[Refusal]] = {
    **{kind.code: kind for kind in CallBackRefusal.__subclasses__()},
    PhoneInvalid.code: PhoneInvalid,
}
"""The kinds by code, to give a recorded refusal again."""
