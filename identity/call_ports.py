"""What calls of 122 ask of the house."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.capacities import Mandate
from identity.names import FullName
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who may be calling, or be called for.

    `policy_digits` are the last four of the policy's number, None where no policy is known of this very person.
    """

    person_id: PersonId
    name: FullName = field(repr=False)
    policy_digits: str | None = field(default=None, repr=False)


class KnownPeople(Protocol):
    """Finds people by what a caller can say; implemented over the register's answers that are kept."""

    async def born_on(self, session: AsyncSession, birth_date: date) -> Sequence[KnownPerson]:
        """Return everybody born on a day, in the caller's transaction; the names are compared here."""

    async def reached_at(self, session: AsyncSession, phone: str) -> Sequence[KnownPerson]:
        """Return everybody for whom a number (E.164) is registered, in the caller's transaction.

        It is the number to which a code would be sent. A family may share one; nobody is proven by it.
        """


@dataclass(frozen=True, slots=True)
class CallerCode:
    """A code for one person and one call; it says nothing to anybody else."""

    person_id: PersonId
    call_id: UUID
    number: int
    """Which code of the call it is, from 1."""
    code: str = field(repr=False)
    expires_at: datetime


class CodeSender(Protocol):
    """One door to the phone that is registered for a person: an inbox, an SMS."""

    async def send(self, session: AsyncSession, code: CallerCode, *, now: datetime) -> None:
        """Put the code on its way in the caller's transaction: no network here, an outbox takes it further.

        A person whom this door does not reach gets nothing through it; that is no failure, and nobody is told.
        """


class RepresentedBy(Protocol):
    """Knows for whom people may act."""

    async def may(
        self, session: AsyncSession, caller_id: PersonId, patient_id: PersonId, now: datetime
    ) -> Mandate | None:
        """Return what the caller is to the patient now, read in the caller's transaction; None for a stranger."""


class NobodyElse:
    """Whoever calls, calls for themselves: a house that keeps no representation."""

    async def may(
        self,
        session: AsyncSession,
        caller_id: PersonId,
        patient_id: PersonId,
        now: datetime,
    ) -> Mandate | None:
        """Return nothing."""
        return None
