"""What is known of a batch of deliveries when it is taken: read with a statement a table, and only what matters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Address, AddressKind, Channel
from notifications.delivery_tables import DeviceRow, ReceiptKind
from notifications.devices import devices_of
from notifications.gate import Known
from notifications.kinds import KINDS
from notifications.messages import Severity
from notifications.parking import ParkedText, parked
from notifications.ports import AddressBook, Contact, Permissions
from notifications.preference_settings import PreferenceSettings
from notifications.preferences import OwnHours, Way, can_switch_off, is_wanted, own_hours, switched_off
from notifications.queue import Claimed
from notifications.quiet_hours import QuietHours, zone_named
from notifications.receipts import received
from notifications.suppression import AddressHashes, Listed, listed
from notifications.tables import NotificationRow
from notifications.unsubscribing import UnsubscribeLinks

_log = structlog.get_logger("notifications")


@dataclass(frozen=True, slots=True)
class Advisers:
    """Whom is asked before anything goes: people's contacts and consents, the region's settings, the keeper of keys."""

    addresses: AddressBook
    permissions: Permissions
    hashes: AddressHashes
    links: UnsubscribeLinks
    settings: PreferenceSettings


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a batch; use what `look_at` returns."""

    messages: Mapping[UUID, NotificationRow]
    received: Collection[UUID]
    parked: Collection[ParkedText]
    devices: Mapping[UUID, DeviceRow]
    contacts: Mapping[UUID, Contact]
    addresses: Mapping[UUID, Address]
    hashes: Mapping[UUID, str]
    listed: Mapping[str, Listed]
    off: Mapping[UUID, Collection[Way]]
    own_hours: Mapping[UUID, OwnHours]
    zones: Mapping[UUID, str]
    permitted: Collection[UUID]
    settings: PreferenceSettings

    def known(self, claimed: Claimed, message: NotificationRow) -> Known:
        """Return what the gate asks of one delivery."""
        person_id, address_hash = claimed.person_id, self.hashes.get(claimed.id)
        found = self.listed.get(address_hash) if address_hash else None
        way = Way(KINDS[message.kind].topic, claimed.channel)
        return Known(
            severity=message.severity,
            zone=self._zone(person_id),
            is_seen=message.seen_at is not None,
            is_received=message.id in self.received,
            is_parked=(message.kind, message.template_version, claimed.channel) in self.parked,
            is_permitted=person_id in self.permitted,
            is_wanted=is_wanted(way, self.off.get(person_id, ())),
            refusal=found.reason if found else None,
            quiet=self._quiet(person_id),
        )

    def _quiet(self, person_id: UUID) -> QuietHours | None:
        own = self.own_hours.get(person_id)
        return own.hours if own else self.settings.quiet_hours

    def _zone(self, person_id: UUID) -> ZoneInfo:
        """Return by which clock a person lives: their newest device's, else the registered one, else the region's."""
        contact = self.contacts.get(person_id)
        for name in (self.zones.get(person_id), contact.time_zone if contact else None):
            if name is None:
                continue
            if (zone := zone_named(name)) is not None:
                return zone
            _log.warning("time_zone_unknown", person_id=str(person_id))  # the name came from outside: not for a log
        return ZoneInfo(self.settings.time_zone)


async def look_at(
    session: AsyncSession, batch: Sequence[Claimed], advisers: Advisers, *, now: datetime
) -> Circumstances:
    """Read what is known of a batch, one statement a table."""
    found = await _messages(session, batch)
    waiting = {(one.person_id, one.notification_id) for one in batch if one.unless is ReceiptKind.DEVICE_RECEIVED}
    sleeping = {row.person_id for row in found.values() if row.severity is not Severity.CRITICAL}
    woken = {one.person_id for one in batch if one.channel is Channel.PUSH}
    devices = await devices_of(session, sleeping | woken)
    by_id = {device.id: device for device in devices}
    contacts = await advisers.addresses.contacts(session, {one.person_id for one in batch})
    addresses = dict(_addresses(batch, by_id, contacts))
    hashes = {one: hashed for one, address in addresses.items() if (hashed := advisers.hashes.hash(address))}
    invited = {row.person_id for row in found.values() if row.severity is Severity.CAMPAIGN}
    choosing = {row.person_id for row in found.values() if can_switch_off(KINDS[row.kind].topic)}
    return Circumstances(
        messages=found,
        received=await received(session, waiting),
        parked=await parked(session),
        devices=by_id,
        contacts=contacts,
        addresses=addresses,
        hashes=hashes,
        listed=await listed(session, set(hashes.values()), now=now),
        off=await switched_off(session, choosing),
        own_hours=await own_hours(session, sleeping),
        zones={device.person_id: device.time_zone for device in devices},
        permitted=await advisers.permissions.informed(session, invited, now=now) if invited else (),
        settings=advisers.settings,
    )


async def _messages(session: AsyncSession, batch: Sequence[Claimed]) -> dict[UUID, NotificationRow]:
    keys = {(one.person_id, one.notification_id) for one in batch}
    query = select(NotificationRow).where(tuple_(col(NotificationRow.person_id), col(NotificationRow.id)).in_(keys))
    return {row.id: row for row in await session.exec(query)}


def _addresses(
    batch: Sequence[Claimed], devices: Mapping[UUID, DeviceRow], contacts: Mapping[UUID, Contact]
) -> Sequence[tuple[UUID, Address]]:
    found = ((one.id, _address(one, devices.get(one.address_id), contacts.get(one.person_id))) for one in batch)
    return [(delivery_id, address) for delivery_id, address in found if address is not None]


def _address(claimed: Claimed, device: DeviceRow | None, contact: Contact | None) -> Address | None:
    match claimed.channel:
        case Channel.PUSH if device is not None and device.person_id == claimed.person_id:
            return Address(device.address_kind, device.address, device.public_key)
        case Channel.SMS if contact is not None and contact.phone:
            return Address(AddressKind.PHONE, contact.phone)
        case Channel.EMAIL if contact is not None and contact.email:
            return Address(AddressKind.EMAIL, contact.email)
    return None
