"""RuStore's words for one push: a body like FCM's, errors like Google's."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SEND_PATH = "/v1/projects/{project_id}/messages:send"

_ABOUT_THE_TOKEN = re.compile(r"push.?token|message\.token", re.IGNORECASE)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AndroidWire(_Sent):
    """How a phone treats it."""

    ttl: Annotated[str, Field(pattern=r"^[0-9]{1,7}s$")]


class MessageWire(_Sent):
    """One message; data only, so that the app decides what is shown."""

    token: Annotated[str, Field(min_length=1, max_length=4_096)]
    data: dict[str, str]
    android: AndroidWire


class SendWire(_Sent):
    """The body of `messages:send`."""

    message: MessageWire


class ErrorWire(BaseModel):
    """What is wrong."""

    code: int = 0
    status: Annotated[str, Field(pattern=r"^[A-Z][A-Z_]{0,63}$")]
    message: str = Field(default="", repr=False)

    @property
    def is_about_token(self) -> bool:
        """Say whether an invalid argument is the phone's address."""
        return _ABOUT_THE_TOKEN.search(self.message) is not None


class ProblemWire(BaseModel):
    """An answer that is none of success."""

    error: ErrorWire


class _Taken(BaseModel):
    """An answer of success is an object; nothing in it is promised."""

    name: str | None = Field(default=None, max_length=512)
    error: None = None


def read_error(content: bytes) -> ErrorWire | None:
    """Read an error; None is no word of RuStore's, but of something between."""
    try:
        return ProblemWire.model_validate_json(content).error
    except ValidationError:
        return None


def is_success(content: bytes) -> bool:
    """Say whether the body of a 200 is RuStore's."""
    try:
        _Taken.model_validate_json(content)
    except ValidationError:
        return False
    return True
