"""Oversight and everything around it, without the graph."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.oversight.access_log import AccessLogService
from backend.oversight.emergencies import EmergencyService
from backend.oversight.reviews import ReviewService
from backend.oversight.values import ReviewItem
from backend.profile.directory import Directory
from identity.access_control import AccessControl
from identity.emergencies import EmergencyMandates
from identity.emergency_values import Emergency, EmergencyCategory, EmergencyTerms
from identity.principal import PersonId, Principal
from identity.review_values import ReviewState
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.people import NOW

REASON = "Без сознания, документов нет"


@dataclass
class RepresentativesInMemory:
    """Who represents whom, as told; `failing` breaks the transaction that asks."""

    known: dict[PersonId, list[PersonId]] = field(default_factory=dict)
    failing: Exception | None = None

    async def representatives_of(self, session: AsyncSession, person_id: PersonId, now: datetime) -> Sequence[PersonId]:
        assert session.in_transaction()
        if self.failing is not None:
            raise self.failing
        return self.known.get(person_id, [])


@dataclass
class OrganizationsInMemory:
    """What organisations are called."""

    known: dict[str, str] = field(default_factory=dict)

    async def names_of(self, ogrns: Collection[str]) -> Mapping[str, str]:
        return {ogrn: self.known[ogrn] for ogrn in ogrns if ogrn in self.known}


@dataclass
class Oversight:
    """The three services over one database and one clock."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    published: list[PersonId] = field(default_factory=list)
    representatives: RepresentativesInMemory = field(default_factory=RepresentativesInMemory)
    organizations: OrganizationsInMemory = field(default_factory=OrganizationsInMemory)
    terms: EmergencyTerms = field(default_factory=EmergencyTerms)
    access: AccessControl = field(init=False)
    emergencies: EmergencyService = field(init=False)
    reviews: ReviewService = field(init=False)
    log: AccessLogService = field(init=False)

    def __post_init__(self) -> None:
        """Join them."""
        self.access = access_control(self.database, self.clock, EmergencyMandates())
        self.emergencies = EmergencyService(
            access=self.access,
            clock=self.clock,
            people=Directory(clock=self.clock),
            published=self.published.append,
            representatives=[self.representatives],
            terms=self.terms,
        )
        self.reviews = ReviewService(
            database=self.database, access=self.access, clock=self.clock, published=self.published.append
        )
        self.log = AccessLogService(database=self.database, access=self.access, organizations=[self.organizations])

    async def break_glass(
        self, actor: Principal | None, person_id: PersonId, *, reason: str = REASON, key: UUID | None = None
    ) -> Emergency:
        """Open data in an emergency."""
        outcome = await self.emergencies.open(
            actor, person_id, category=EmergencyCategory.UNCONSCIOUS, reason=reason, idempotency_key=key or uuid7()
        )
        return outcome.value

    async def queue(self, officer: Principal, state: ReviewState = ReviewState.OPEN) -> list[ReviewItem]:
        """Return what an officer sees."""
        return (await self.reviews.list_queue(officer, state=state, limit=100)).items

    async def told(self) -> list[NotificationRow]:
        """Return every message, oldest first."""
        async with self.database.reading() as session:
            return list((await session.exec(select(NotificationRow).order_by(col(NotificationRow.id)))).all())
