"""Who has agreed to be informed; the backend's side of `notifications.ports.Permissions`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.consent_values import Recipient
from identity.consents import who_gave
from identity.principal import PersonId

INFORMING = "insurance_informing"
"""The purpose whose text says: invitations to check-ups and preventive examinations, and reminders of them, in the
name of the insurer. It is the one that campaigns are sent by; another kind of campaign needs a text of its own."""


class InformingConsents:
    """Implements `notifications.ports.Permissions` over the register of consents."""

    async def informed(self, session: AsyncSession, person_ids: Collection[UUID], *, now: datetime) -> Collection[UUID]:
        """Return those whose consent to be informed is in force."""
        people = {PersonId(one) for one in person_ids}
        return await who_gave(session, people, INFORMING, Recipient.of_purpose(), now)
