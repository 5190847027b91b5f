"""What an SMS gateway tells of messages that it took: whether a telephone has them.

Its words are ours until a region names its own, as in `notifications.channels.sms_wire`. A report may come twice, late,
or for a message that we do not know; it is believed by the signature over its very bytes.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from notifications.errors import NotificationRefusal

MOST_AT_ONCE = 1_000
SIGNATURE_HEADER = "X-Signature"
_SCHEME = "sha256="

Status = Literal["DELIVERED", "UNDELIVERED", "EXPIRED", "REFUSED"]


class ReportUnsigned(NotificationRefusal):
    """Not signed with our secret."""

    code = "REPORT_UNSIGNED"


class ReportUnreadable(NotificationRefusal):
    """Signed, and not in the agreed words."""

    code = "REPORT_UNREADABLE"


class Report(BaseModel):
    """What became of one message."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=200)
    status: Status


class _Reports(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reports: list[Report] = Field(max_length=MOST_AT_ONCE)


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a body, as it stands in the header."""
    return _SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def read_reports(body: bytes, *, signature: str, secret: str) -> Sequence[Report]:
    """Read the body of a gateway's request.

    Raises:
        ReportUnsigned: The signature is not ours.
        ReportUnreadable: The body is not in the agreed words.
    """
    if not hmac.compare_digest(signature.encode(), sign(body, secret).encode()):
        raise ReportUnsigned
    try:
        return _Reports.model_validate_json(body).reports
    except ValidationError:
        raise ReportUnreadable from None
