"""Makes parcels of deliveries that were taken: what they say, and where to, as it stands now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Address, AddressKind, Channel, Content, Parcel, Provider
from notifications.delivery_tables import DeliveryState, DeviceRow, ReceiptKind
from notifications.devices import find_devices
from notifications.gate import Known, stopped
from notifications.parking import ParkedText, parked
from notifications.ports import AddressBook, Contact
from notifications.queue import Claimed, Settlement
from notifications.receipts import received
from notifications.tables import NotificationRow
from notifications.templates import LANGUAGES, Language, templates

_log = structlog.get_logger("notifications")


_WAKE_UP = Content(title="", body="")
"""A push says nothing by itself: it wakes the app, which reads the inbox."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """A delivery that may go: `provider` is who alone may carry it, None for whoever is well."""

    claimed: Claimed
    parcel: Parcel
    text: ParkedText
    provider: Provider | None


Packed = ToSend | Settlement
"""A delivery that may go, or why it does not."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of a batch."""

    messages: Mapping[UUID, NotificationRow]
    received: Collection[UUID]
    parked: Collection[ParkedText]
    devices: Mapping[UUID, DeviceRow]
    contacts: Mapping[UUID, Contact]


class Packer:
    """Reads what a batch needs, a statement a table, and writes its texts."""

    def __init__(self, addresses: AddressBook) -> None:
        """Look telephones and e-mail addresses up in `addresses`."""
        self._addresses = addresses

    async def pack(self, session: AsyncSession, batch: Sequence[Claimed], *, now: datetime) -> list[Packed]:
        """Return what becomes of each delivery, in their order."""
        read = await self._read(session, batch)
        return [_pack(claimed, read, now) for claimed in batch]

    async def _read(self, session: AsyncSession, batch: Sequence[Claimed]) -> _Read:
        messages = {(one.person_id, one.notification_id) for one in batch}
        query = select(NotificationRow).where(
            tuple_(col(NotificationRow.person_id), col(NotificationRow.id)).in_(messages)
        )
        waiting = {(one.person_id, one.notification_id) for one in batch if one.unless is ReceiptKind.DEVICE_RECEIVED}
        devices = {(one.person_id, one.address_id) for one in batch if one.channel is Channel.PUSH}
        return _Read(
            messages={row.id: row for row in await session.exec(query)},
            received=await received(session, waiting),
            parked=await parked(session),
            devices=await find_devices(session, devices),
            contacts=await self._addresses.contacts(session, {one.person_id for one in batch}),
        )


def _pack(claimed: Claimed, read: _Read, now: datetime) -> Packed:
    message = read.messages.get(claimed.notification_id)
    if message is None:  # erased meanwhile
        return Settlement(claimed, DeliveryState.CANCELLED, "gone", counts=False)
    text = (message.kind, message.template_version, claimed.channel)
    known = Known(
        is_seen=message.seen_at is not None, is_received=message.id in read.received, is_parked=text in read.parked
    )
    device, contact = read.devices.get(claimed.address_id), read.contacts.get(claimed.person_id)
    return (
        stopped(claimed, known, now=now)
        or _addressed(claimed, message, device, contact)
        or Settlement(claimed, DeliveryState.SUPPRESSED, "no_address", counts=False)
    )


def _addressed(
    claimed: Claimed, message: NotificationRow, device: DeviceRow | None, contact: Contact | None
) -> Packed | None:
    """Return the parcel, or why there is none; None where no address is known."""
    address = _address(claimed.channel, device, contact)
    if address is None:
        return None
    try:
        content = templates().content(
            claimed.channel, message.kind, message.template_version, message.parameters,
            language=_language(device, contact),
        )  # fmt: skip
    except ValueError:  # a text that cannot be written is a slip of ours: it must not stop the others
        _log.exception("text_unreadable", kind=message.kind.value, version=message.template_version)
        return Settlement(claimed, DeliveryState.FAILED, "text_unreadable", counts=False)
    if content is None and claimed.channel is Channel.PUSH:
        content = _WAKE_UP
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
    return ToSend(claimed, parcel, text, device.provider if device else claimed.provider)


def _address(channel: Channel, device: DeviceRow | None, contact: Contact | None) -> Address | None:
    match channel:
        case Channel.PUSH if device is not None:
            return Address(device.address_kind, device.address, device.public_key)
        case Channel.SMS if contact is not None and contact.phone:
            return Address(AddressKind.PHONE, contact.phone)
        case Channel.EMAIL if contact is not None and contact.email:
            return Address(AddressKind.EMAIL, contact.email)
    return None


def _language(device: DeviceRow | None, contact: Contact | None) -> Language:
    """Return the device's language where it is one of ours, else the person's."""
    spoken = device.locale[:2].lower() if device else ""
    known = next((language for language in LANGUAGES if language == spoken), None)
    return known or (contact.language if contact else "ru")
