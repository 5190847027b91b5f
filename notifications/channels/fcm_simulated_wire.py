"""What the simulated FCM takes, strictly, and how it says what is wrong."""

import re
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from starlette.responses import JSONResponse

from notifications.channels.simulated_faults import Fault

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_RESERVED_KEY = re.compile(r"from|message_type|google\..*|gcm\..*|collapse_key")
_LONGEST_LIFE_SECONDS = 28 * 86_400

Text = Annotated[str, Field(strict=True)]


class FcmFault(Fault):
    """What FCM does wrong; those of `token_` spoil the token endpoint."""

    kind: Literal[
        "unregistered",
        "sender_id_mismatch",
        "invalid_token",
        "invalid_field",
        "quota_exceeded",
        "unavailable",
        "internal",
        "bad_gateway",
        "third_party_auth_error",
        "permission_denied",
        "wrong_project",
        "expired_token",
        "slow",
        "malformed",
        "not_json",
        "hang_up",
        "token_slow",
        "token_down",
        "token_refused",
        "token_unreadable",
    ]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AndroidConfig(_Wire):
    """How Android treats it."""

    collapse_key: Text | None = None
    priority: Literal["high", "normal"] | None = None
    ttl: Annotated[str, Field(pattern=r"^[0-9]{1,7}(\.[0-9]{1,9})?s$")] | None = None

    @field_validator("ttl")
    @classmethod
    def _is_at_most_28_days(cls, ttl: str | None) -> str | None:
        if ttl is not None and float(ttl.removesuffix("s")) > _LONGEST_LIFE_SECONDS:
            raise ValueError("longer than 28 days")
        return ttl


class Aps(BaseModel):
    """Apple's own part, whose keys have hyphens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alert: dict[str, Any] | Text | None = None
    content_available: Literal[1] | None = Field(default=None, alias="content-available")
    mutable_content: Literal[1] | None = Field(default=None, alias="mutable-content")


class ApnsPayload(_Wire):
    """What stands beside the data."""

    aps: Aps


class ApnsConfig(_Wire):
    """How Apple treats it."""

    headers: dict[Text, Text] = {}
    payload: ApnsPayload | None = None

    @model_validator(mode="after")
    def _is_what_apple_takes(self) -> Self:
        """Apple: priority 10 is for what is shown, `content-available` alone goes with 5 and `background`."""
        if self.payload is not None and self.payload.aps.alert is None and self.headers.get("apns-priority") == "10":
            raise ValueError("priority 10 for what is not shown")
        return self


class Message(_Wire):
    """One message to one phone."""

    token: Text | None = None
    fid: Text | None = None
    data: dict[Text, Text] = {}
    android: AndroidConfig | None = None
    apns: ApnsConfig | None = None

    @field_validator("data")
    @classmethod
    def _has_no_reserved_key(cls, data: dict[str, str]) -> dict[str, str]:
        if any(_RESERVED_KEY.fullmatch(key) for key in data):
            raise ValueError("a reserved key")
        return data

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if bool(self.token) == bool(self.fid):
            raise ValueError("exactly one target")
        return self

    @property
    def target(self) -> str:
        """Return the phone's address."""
        return self.token or self.fid or ""


class SendRequest(_Wire):
    """The body of `messages:send`."""

    message: Message

    def data_bytes(self) -> int:
        """Return how large the data are, as JSON."""
        return len(orjson.dumps(self.message.data))


def problem(
    status: int, platform: str, code: str, words: str, field: str | None = None, *, retry_after: str | None = None
) -> JSONResponse:
    """Write an error of Google's platform.

    Args:
        status: Of HTTP.
        platform: Status of the platform, as `NOT_FOUND`.
        code: FCM's own, or empty: then the error is not FCM's.
        words: For people.
        field: The field that is wrong.
        retry_after: The header.

    Returns:
        The answer.
    """
    details: list[dict[str, Any]] = [{"@type": _FCM_ERROR, "errorCode": code}] if code else []
    if field is not None:
        details.append({"@type": _BAD_REQUEST, "fieldViolations": [{"field": field, "description": words}]})
    error = {"code": status, "message": words, "status": platform, "details": details}
    return JSONResponse(
        {"error": error}, status_code=status, headers={"Retry-After": retry_after} if retry_after else {}
    )


def broken_field(error: ValidationError) -> JSONResponse:
    """Say which field of a request is wrong, without what stood there."""
    field = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
    return problem(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Invalid JSON payload received.", field or "message")
