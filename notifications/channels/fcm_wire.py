"""FCM's words: what came of one message, read from the SDK's answer into values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from notifications.channels.port import Outcome

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_ABOUT_THE_TARGET = re.compile(r"registration token|installation id", re.IGNORECASE)
_TARGET_FIELDS = frozenset({"message.token", "message.fid"})
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Accepted:
    """FCM took it, under this name."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """FCM answered with an error.

    `code` is FCM's own error code, else the status of the platform, else empty; `is_about_target` says that an
    invalid argument is the address, not a field of ours.
    """

    status: int
    code: str = ""
    is_about_target: bool = False
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no readable answer; `was_sent` is False only where no connection came about."""

    reason: str
    was_sent: bool


Reply = Accepted | Refused | Lost


class TokenUnavailable(Exception):
    """There is no access token; `outcome` is that of the message that needed one."""

    def __init__(self, outcome: Outcome) -> None:
        """Keep the outcome."""
        super().__init__(outcome.reason)
        self.outcome = outcome


def read_refusal(status: int, content: bytes, *, retry_after_seconds: float | None) -> Refused:
    """Read an error of FCM.

    Args:
        status: Of HTTP; 300 or more.
        content: The body; anything but a platform error has no code.
        retry_after_seconds: As the headers say.

    Returns:
        The refusal; nothing of the error's text, which may quote the message.

    Source: FCM v1, "ErrorCode"; google.rpc.BadRequest.
    """
    error = _error_of(content)
    return Refused(
        status=status,
        code=next(_codes(error), ""),
        is_about_target=_is_about_target(error),
        retry_after_seconds=retry_after_seconds,
    )


def _error_of(content: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _details(error: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("@type") == kind:
            yield detail


def _codes(error: Mapping[str, Any]) -> Iterator[str]:
    for code in (*(detail.get("errorCode") for detail in _details(error, _FCM_ERROR)), error.get("status")):
        if isinstance(code, str) and _CODE.fullmatch(code):
            yield code


def _is_about_target(error: Mapping[str, Any]) -> bool:
    fields = [
        violation.get("field")
        for detail in _details(error, _BAD_REQUEST)
        for violation in (detail.get("fieldViolations") or ())
        if isinstance(violation, dict)
    ]
    if fields:
        return all(field in _TARGET_FIELDS for field in fields)
    message = error.get("message")
    return isinstance(message, str) and _ABOUT_THE_TARGET.search(message) is not None
