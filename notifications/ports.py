"""What notifications ask of the house."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.templates import Language


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a person can be reached beside their devices: a telephone in E.164, an e-mail address.

    `time_zone` is an IANA name: by it the person sleeps.
    """

    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)
    time_zone: str
    language: Language = "ru"


class AddressBook(Protocol):
    """Knows the contacts that are registered for people."""

    async def contacts(self, session: AsyncSession, person_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """Return those of the people who are known, with one statement."""


class Permissions(Protocol):
    """Knows who has agreed to be informed by campaigns."""

    async def informed(self, session: AsyncSession, person_ids: Collection[UUID], *, now: datetime) -> Collection[UUID]:
        """Return those of the people whose consent is in force at this instant, with one statement (S39)."""
