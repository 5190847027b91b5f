"""Where people can be reached; the backend's side of `notifications.ports.AddressBook`."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.profile.tables import PersonRow
from notifications.ports import Contact


class Contacts:
    """Implements `notifications.ports.AddressBook` over what the newest sign-in told."""

    async def contacts(self, session: AsyncSession, person_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """Return those of the people who are known."""
        query = select(PersonRow.id, PersonRow.phone, PersonRow.email, PersonRow.time_zone).where(
            col(PersonRow.id).in_(person_ids)
        )
        return {
            person_id: Contact(phone=phone, email=email, time_zone=zone)
            for person_id, phone, email, zone in await session.exec(query)
        }
