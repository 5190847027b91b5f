"""What every sender is given and what it answers; one contract suite holds all of them to it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from notifications.messages import MessageKind, Severity


class Channel(StrEnum):
    """A way to reach a person beside the inbox, which is no channel: what stands there is the truth."""

    PUSH = "push"
    SMS = "sms"
    EMAIL = "email"


class Provider(StrEnum):
    """Who carries a message; one channel may have several."""

    FCM = "fcm"
    RUSTORE = "rustore"
    SMTP = "smtp"
    SMS_GATEWAY = "sms_gateway"
    SMS_RESERVE = "sms_reserve"


class AddressKind(StrEnum):
    """What an address is; an install has one of FCM's two kinds, never both."""

    TOKEN = "token"  # noqa: S105 # a kind, no secret
    FID = "fid"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to: a push token, a Firebase installation id, a telephone in E.164, or an e-mail address."""

    kind: AddressKind
    value: str = field(repr=False)
    public_key: str | None = field(default=None, repr=False)
    """The device's own public JWK, as JSON, to which the body of a push may be encrypted."""


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in the message of one channel, written for it, in the person's language; no channel sees more.

    `title` is the subject of a mail and the first line of a push; an SMS has none. `html` is a mail's second form.
    """

    title: str = field(repr=False)
    body: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Further headers of a mail, such as `List-Unsubscribe` (RFC 8058)."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one address; sending it again under the same `delivery_id` must show nothing twice.

    A provider that takes an idempotency key is given `delivery_id`; a phone drops what it has by `notification_id`.
    """

    delivery_id: UUID
    notification_id: UUID
    kind: MessageKind
    severity: Severity
    address: Address
    content: Content
    expires_at: datetime | None = None
    """After this instant nobody wants it any more; aware."""


class Verdict(StrEnum):
    """What came of one try."""

    ACCEPTED = "accepted"
    RETRY = "retry"  # it was not taken, and may be tried again
    UNCLEAR = "unclear"  # nobody knows whether it was taken: a time-out, an unreadable answer
    ADDRESS_DEAD = "address_dead"  # nothing will ever arrive there
    CONTENT_REFUSED = "content_refused"  # what we wrote is wrong, for everybody
    RECIPIENT_REFUSES = "recipient_refuses"  # a subscriber who takes no such messages (41-ФЗ, 2025)
    PROVIDER_UNUSABLE = "provider_unusable"  # our credentials are refused, or it is not set up


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with what the provider said, in codes only.

    `reason` is a short code for statistics and logs, never a text of the provider's: that may quote the message.
    """

    verdict: Verdict
    reason: str = ""
    provider_message_id: str | None = None
    retry_after_seconds: float | None = None


class Sender(Protocol):
    """One provider; safe for concurrent tasks of one event loop."""

    @property
    def provider(self) -> Provider:
        """Return who this is."""

    async def send(self, parcel: Parcel) -> Outcome:
        """Try once, within the sender's own time-out; never raises but for cancellation."""

    async def close(self) -> None:
        """Close every connection."""
