"""Makes parcels of deliveries that were taken: what they say, and where to, as it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.caps import CampaignMessage, take_slots
from notifications.channels.port import Channel, Content, Parcel, Provider
from notifications.circumstances import Advisers, Circumstances, look_at
from notifications.delivery_tables import DeliveryState, DeviceRow
from notifications.gate import stopped
from notifications.kinds import KINDS
from notifications.messages import Severity
from notifications.parking import ParkedText
from notifications.ports import Contact
from notifications.preferences import Way
from notifications.queue import Claimed, Settlement
from notifications.tables import NotificationRow
from notifications.templates import LANGUAGES, Language, templates

_log = structlog.get_logger("notifications")


_WAKE_UP = Content(title="", body="")
"""A push says nothing by itself: it wakes the app, which reads the inbox."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """A delivery that may go: `provider` is who alone may carry it, None for whoever is well.

    `address_hash` is what the list of addresses would keep of where it goes; None for a push.
    """

    claimed: Claimed
    parcel: Parcel
    text: ParkedText
    provider: Provider | None
    address_hash: str | None = None

    @property
    def is_of_campaign(self) -> bool:
        """Return whether it counts against the cap."""
        return self.parcel.severity is Severity.CAMPAIGN


Packed = ToSend | Settlement
"""A delivery that may go, or why it does not."""


class Packer:
    """Asks whether a batch may go, a statement a table, and writes its texts."""

    def __init__(self, advisers: Advisers) -> None:
        """Ask `advisers`."""
        self._advisers = advisers

    async def pack(self, session: AsyncSession, batch: Sequence[Claimed], *, now: datetime) -> list[Packed]:
        """Return what becomes of each delivery, in their order; of campaigns `within_caps` has the last word."""
        found = await look_at(session, batch, self._advisers, now=now)
        return [self._pack(claimed, found, now) for claimed in batch]

    async def within_caps(self, session: AsyncSession, packed: Sequence[Packed], *, now: datetime) -> list[Packed]:
        """Hold back what is over the cap of campaigns; `session` is a transaction of its own (see `caps`)."""
        asking = [_message_of(one) for one in packed if isinstance(one, ToSend) and one.is_of_campaign]
        may_go = await take_slots(session, asking, cap=self._advisers.settings.campaigns_a_week, now=now)
        return [
            Settlement(one.claimed, DeliveryState.SUPPRESSED, "capped", counts=False)
            if isinstance(one, ToSend) and one.is_of_campaign and _message_of(one) not in may_go
            else one
            for one in packed
        ]

    def _pack(self, claimed: Claimed, found: Circumstances, now: datetime) -> Packed:
        message = found.messages.get(claimed.notification_id)
        if message is None:  # erased meanwhile
            return Settlement(claimed, DeliveryState.CANCELLED, "gone", counts=False)
        return stopped(claimed, found.known(claimed, message), now=now) or self._addressed(claimed, message, found)

    def _addressed(self, claimed: Claimed, message: NotificationRow, found: Circumstances) -> Packed:
        """Return the parcel, or why there is none."""
        address = found.addresses.get(claimed.id)
        if address is None:
            return Settlement(claimed, DeliveryState.SUPPRESSED, "no_address", counts=False)
        device = found.devices.get(claimed.address_id)
        try:
            content = self._content(claimed, message, _language(device, found.contacts.get(claimed.person_id)))
        except ValueError:  # a text that cannot be written is a slip of ours: it must not stop the others
            _log.exception("text_unreadable", kind=message.kind.value, version=message.template_version)
            return Settlement(claimed, DeliveryState.FAILED, "text_unreadable", counts=False)
        if content is None:
            return Settlement(claimed, DeliveryState.SUPPRESSED, "no_text", counts=False)
        parcel = Parcel(
            delivery_id=claimed.id,
            notification_id=message.id,
            kind=message.kind,
            severity=message.severity,
            address=address,
            content=content,
            expires_at=message.expires_at,
        )
        text = (message.kind, message.template_version, claimed.channel)
        provider = device.provider if device else claimed.provider
        return ToSend(claimed, parcel, text, provider, found.hashes.get(claimed.id))

    def _content(self, claimed: Claimed, message: NotificationRow, language: Language) -> Content | None:
        """Write what the channel carries, a mail with its way out; None where the text has no form for it."""
        content = templates().content(
            claimed.channel, message.kind, message.template_version, message.parameters, language=language
        )
        match claimed.channel:
            case Channel.PUSH if content is None:
                return _WAKE_UP
            case Channel.EMAIL if content is not None:
                way = Way(KINDS[message.kind].topic, Channel.EMAIL)
                return replace(content, headers=self._advisers.links.headers(claimed.person_id, way))
        return content


def _message_of(one: ToSend) -> CampaignMessage:
    return CampaignMessage(one.claimed.person_id, one.claimed.notification_id)


def _language(device: DeviceRow | None, contact: Contact | None) -> Language:
    """Return the device's language where it is one of ours, else the person's."""
    spoken = device.locale[:2].lower() if device else ""
    known = next((language for language in LANGUAGES if language == spoken), None)
    return known or (contact.language if contact else "ru")
