"""The SMS gateway's words, as JSON.

`POST {base}/v1/messages` with a bearer token; `clientId` makes it idempotent: what was taken is not sent again. No two
gateways of the country speak alike: these words are ours until a region names its own, and stand in this one file.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from notifications.channels.port import Verdict

MESSAGES_PATH = "/v1/messages"

VERDICTS: Mapping[str, Verdict] = MappingProxyType(
    {
        "INVALID_NUMBER": Verdict.ADDRESS_DEAD,
        "INVALID_TEXT": Verdict.CONTENT_REFUSED,
        "INVALID_SENDER": Verdict.PROVIDER_UNUSABLE,
        "NO_FUNDS": Verdict.PROVIDER_UNUSABLE,
        "SUBSCRIBER_REFUSES": Verdict.RECIPIENT_REFUSES,
    }
)
"""What the gateway's error codes mean; any other one is judged by its status."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=1_600)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class SmsRequest(_Wire):
    """One message; number and text in the body, because addresses end up in logs."""

    client_id: UUID
    to: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    sender: str = Field(min_length=1, max_length=11)
    text: Words
    ttl_seconds: int = Field(ge=1, le=86_400)


class SmsTaken(_Wire):
    """The gateway has it."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\w.:-]+$")]


class SmsError(_Wire):
    """Why it has not."""

    error: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Z_]+$")]
