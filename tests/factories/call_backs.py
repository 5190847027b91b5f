"""Calling back over one database and one clock: people with numbers, operators and their list."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.call_backs.desk import CallBackDesk
from backend.call_backs.service import CallBackService
from backend.call_backs.tables import CallBackRow
from backend.call_backs.upkeep import end_over
from backend.call_backs.values import (
    CallBackId,
    CallBackOutcome,
    CallBackReason,
    Hours,
    ListedCallBack,
    Position,
    TakenWithCall,
    Wish,
)
from backend.calls.codes import MessageCodes
from backend.database import Database
from backend.errors import Operational, Refusal
from backend.policy.insurers import KnownPeople
from identity.call_mandates import CallMandates
from identity.calls import Calls
from identity.capacities import Mandate
from identity.errors import IdentityRefusal
from identity.principal import ActorKind, PersonId, Principal
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.calls import CallHouse, Representation
from tests.factories.people import make_principal

PHONE = "+79105550117"
"""What is registered for whomever `add_person` makes."""


@dataclass
class Relatives:
    """What citizens are to each other, as told: the same that callers are."""

    represented: Representation
    kinds: frozenset[ActorKind] = field(default=frozenset({ActorKind.CITIZEN}))

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        own = await self.represented.may(session, actor.person_id, person_id, now)
        return [own] if own else []


@dataclass
class CallBackHouse:
    """Calls, with their clock and an operator, and the list beside them."""

    database: Database
    house: CallHouse = field(init=False)

    def __post_init__(self) -> None:
        """Join the services."""
        self.house = house = CallHouse(self.database)
        self.clock, self.published = house.clock, house.published
        self.mandates = house.represented.mandates
        access = access_control(
            self.database, house.clock, Relatives(house.represented), CallMandates(house.represented)
        )
        given: dict[str, Any] = {"database": self.database, "access": access, "clock": house.clock}
        calls = Calls(people=KnownPeople(), represented=house.represented, codes=[MessageCodes()])
        self.service = CallBackService(**given, published=self.published.append)
        self.desk = CallBackDesk(**given, calls=calls, published=self.published.append)

    async def ask(
        self,
        person_id: PersonId,
        *,
        actor: Principal | None = None,
        reason: CallBackReason = CallBackReason.BOOKING,
        number: str | None = None,
        hours: Hours | None = None,
        key: UUID | None = None,
    ) -> CallBackId:
        """Ask to be called back, as the person unless told otherwise; return the request's id."""
        wish = Wish(reason, number, hours)
        done = await self.service.request(
            actor or make_principal(person_id), person_id=person_id, wish=wish, idempotency_key=key or uuid7()
        )
        return done.value.id

    async def cancel(self, person_id: PersonId, call_back_id: CallBackId, *, actor: Principal | None = None) -> str:
        """Give a request up; return how it ended."""
        return await ended(
            self.service.cancel(
                actor or make_principal(person_id),
                person_id=person_id,
                call_back_id=call_back_id,
                idempotency_key=uuid7(),
            )
        )

    async def take(self, operator: Principal | None = None, *, key: UUID | None = None) -> TakenWithCall:
        """Take the next one."""
        return (await self.desk.take(operator or self.house.operator, idempotency_key=key or uuid7())).value

    async def settle(
        self,
        call_back_id: UUID,
        outcome: CallBackOutcome,
        *,
        operator: Principal | None = None,
        key: UUID | None = None,
    ) -> str:
        """Say what came of it; return how that ended."""
        return await ended(
            self.desk.settle(
                operator or self.house.operator,
                call_back_id=CallBackId(call_back_id),
                outcome=outcome,
                idempotency_key=key or uuid7(),
            )
        )

    async def listed(self, *, size: int = 100) -> list[ListedCallBack]:
        """Return the whole list, page by page."""
        found: list[ListedCallBack] = []
        after: Position | None = None
        while True:
            page = await self.desk.page(self.house.operator, limit=size, after=after)
            found += page.items
            if not page.has_next:
                return found
            after = Position(found[-1].due_at, found[-1].id)

    async def rows(self) -> list[CallBackRow]:
        """Return every row, in order of asking."""
        async with self.database.reading() as session:
            return list((await session.exec(select(CallBackRow).order_by(col(CallBackRow.id)))).all())

    async def sweep(self) -> int:
        """End what time has ended."""
        async with self.database.transaction() as session:
            return await end_over(session, self.clock())

    async def told(self, person_id: PersonId) -> list[str]:
        """Return the kinds of a person's messages, in order."""
        wanted = select(col(NotificationRow.kind)).where(col(NotificationRow.person_id) == person_id)
        async with self.database.reading() as session:
            found = await (await session.connection()).execute(wanted.order_by(col(NotificationRow.id)))
            return [kind.value for (kind,) in found]


async def ended(asked: Awaitable[object]) -> str:
    """Return "done", or the code of whatever was refused."""
    try:
        await asked
    except (IdentityRefusal, Refusal, Operational) as refusal:
        return refusal.code
    return "done"
