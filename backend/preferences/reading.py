"""Reads everything of one person's preferences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.preferences.values import ChannelStanding, Preferences, QuietTimes, Standing
from identity.principal import PersonId
from notifications.channels.port import Address, AddressKind, Channel
from notifications.delivery_tables import DeviceRow
from notifications.devices import devices_of
from notifications.ports import AddressBook, Contact
from notifications.preference_settings import PreferenceSettings
from notifications.preferences import OwnHours, Way, is_wanted, own_hours, switched_off
from notifications.quiet_hours import zone_named
from notifications.suppression import AddressHashes, listed
from notifications.topics import Topic


@dataclass(frozen=True, slots=True)
class PreferenceReader:
    """Knows where everything stands."""

    addresses: AddressBook
    hashes: AddressHashes
    settings: PreferenceSettings

    async def read(self, session: AsyncSession, person_id: PersonId, *, now: datetime) -> Preferences:
        """Return a person's preferences as they stand, with a statement a table."""
        off = (await switched_off(session, [person_id])).get(person_id, frozenset())
        own = (await own_hours(session, [person_id])).get(person_id)
        devices = await devices_of(session, [person_id])
        contact = (await self.addresses.contacts(session, [person_id])).get(person_id)
        return Preferences(
            topics={topic: {channel: is_wanted(Way(topic, channel), off) for channel in Channel} for topic in Topic},
            quiet=self._quiet(own, devices, contact),
            channels=await self._channels(session, devices, contact, now),
        )

    async def hash_of(self, session: AsyncSession, person_id: PersonId, channel: Channel) -> str | None:
        """Return what the list of addresses keeps of a person's own address; None where there is none."""
        contact = (await self.addresses.contacts(session, [person_id])).get(person_id)
        address = _address(channel, contact)
        return self.hashes.hash(address) if address else None

    def _quiet(self, own: OwnHours | None, devices: Sequence[DeviceRow], contact: Contact | None) -> QuietTimes:
        named = [device.time_zone for device in devices[-1:]] + ([contact.time_zone] if contact else [])
        zone = next((name for name in named if zone_named(name) is not None), self.settings.time_zone)
        return QuietTimes(own.hours if own else self.settings.quiet_hours, own is not None, zone)

    async def _channels(
        self, session: AsyncSession, devices: Sequence[DeviceRow], contact: Contact | None, now: datetime
    ) -> list[ChannelStanding]:
        addresses = {channel: _address(channel, contact) for channel in Channel if channel is not Channel.PUSH}
        hashes = {channel: self.hashes.hash(address) for channel, address in addresses.items() if address}
        found = await listed(session, {one for one in hashes.values() if one}, now=now)
        push = ChannelStanding(Channel.PUSH, Standing.OPEN if devices else Standing.NO_ADDRESS)
        standings = [push]
        for channel in addresses:
            on_list = found.get(hashes.get(channel) or "")
            if on_list is not None:
                standings.append(ChannelStanding(channel, Standing(on_list.reason.value), on_list.since))
            else:
                standings.append(ChannelStanding(channel, Standing.OPEN if channel in hashes else Standing.NO_ADDRESS))
        return standings


def _address(channel: Channel, contact: Contact | None) -> Address | None:
    if contact is not None and channel is Channel.SMS and contact.phone:
        return Address(AddressKind.PHONE, contact.phone)
    if contact is not None and channel is Channel.EMAIL and contact.email:
        return Address(AddressKind.EMAIL, contact.email)
    return None
