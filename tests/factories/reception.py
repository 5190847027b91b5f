"""The registry desk of a clinic over a small registry, and its staff."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.acts import Ground
from backend.booking.tables import (
    OrganisationRow,
    PostRow,
    ScheduleQuotaRow,
    ScheduleRow,
    SlotRow,
)
from backend.booking.values import Channel
from backend.reception.cancellations import CancellationDesk
from backend.reception.desk import Desk
from backend.reception.proposal_values import ItemState, ProposalId, ProposalReason, ProposalView
from backend.reception.schedules import ScheduleDesk
from backend.reception.values import PostId, Template
from backend.reception.visits import VisitDesk
from identity.principal import ActorKind, Principal
from tests.factories.booking import Booking, Place
from tests.factories.people import make_principal

OWN_OGRN, OTHER_OGRN = "1404000000037", "1404000000048"


def make_staff(ogrn: str = OWN_OGRN, *, kind: ActorKind = ActorKind.CLINICIAN) -> Principal:
    """Return somebody who works for an organisation."""
    return replace(make_principal(kind=kind), organization=ogrn)


def make_template(**given: Any) -> Template:
    """Return a template of Mondays from eight to nine, in slots of 20 minutes, unless told otherwise."""
    return Template(
        **{
            "weekday": 1,
            "opens": time(8),
            "closes": time(9),
            "slot_minutes": 20,
            "channels": frozenset(Channel),
            "quotas": {},
            "release": None,
            "valid_from": date(2026, 1, 1),
            "valid_to": None,
            **given,
        }
    )


@dataclass
class Reception:
    """The services of the desk beside those of booking."""

    booking: Booking

    def __post_init__(self) -> None:
        booking = self.booking
        self.desk = Desk(booking.database, booking.access, booking.clock)
        self.schedules = ScheduleDesk(self.desk)
        self.cancellations = CancellationDesk(self.desk, booking=booking.terms, published=booking.published.append)
        appointments = booking.appointments
        self.visits = VisitDesk(
            Ground(
                booking.database,
                booking.access,
                booking.clock,
                booking.terms,
                appointments.outside,
                booking.published.append,
            )
        )

    async def own_place(self, **given: Any) -> Place:
        """Store a clinic of the staff's own organisation with one doctor."""
        place = await self.booking.one_place(**given)
        await self.employ(OWN_OGRN)
        return place

    async def employ(self, ogrn: str) -> None:
        """Let the one organisation have this OGRN."""
        async with self.booking.database.transaction() as session:
            await (await session.connection()).execute(update(OrganisationRow).values(ogrn=ogrn))

    async def post_of(self, place: Place) -> PostId:
        """Return the id of the place's one post."""
        wanted = select(col(PostRow.id)).where(col(PostRow.doctor_id) == place.doctor_id)
        async with self.booking.database.reading() as session:
            return PostId((await session.exec(wanted)).one())

    async def releases_by_queue(self, post_id: PostId) -> bool:
        """Return whether people queue for what a post begins to give out."""
        async with self.booking.database.reading() as session:
            return (await session.get_one(PostRow, post_id)).releases_by_queue

    async def rows_of(self, place: Place) -> list[SlotRow]:
        """Return the slots of the place's doctor, by start."""
        wanted = select(SlotRow).where(col(SlotRow.doctor_id) == place.doctor_id).order_by(col(SlotRow.starts_at))
        async with self.booking.database.reading() as session:
            return list(await session.exec(wanted))

    async def quotas(self) -> list[tuple[date, Channel, int]]:
        """Return day, channel and share of every share."""
        wanted = (
            select(col(ScheduleRow.day), col(ScheduleQuotaRow.channel), col(ScheduleQuotaRow.most))
            .join(ScheduleRow, col(ScheduleRow.id) == col(ScheduleQuotaRow.schedule_id))
            .order_by(col(ScheduleRow.day))
        )
        async with self.booking.database.reading() as session:
            return list(await session.exec(wanted))

    async def propose(
        self, staff: Principal, place: Place, *, starts_from: datetime, hours: int = 24, whole_clinic: bool = True
    ) -> ProposalView:
        """Propose to cancel some hours of a place's clinic, or of its doctor alone."""
        outcome = await self.cancellations.propose(
            staff,
            clinic_id=place.clinic_id,
            doctor_id=None if whole_clinic else place.doctor_id,
            starts_from=starts_from,
            starts_before=starts_from + timedelta(hours=hours),
            reason=ProposalReason.DOCTOR_AWAY,
            idempotency_key=uuid7(),
        )
        return outcome.value

    async def confirm(self, staff: Principal, proposal_id: ProposalId) -> ProposalView:
        """Confirm a proposal under a new key."""
        outcome = await self.cancellations.confirm(staff, proposal_id=proposal_id, idempotency_key=uuid7())
        return outcome.value


def states(view: ProposalView) -> list[ItemState]:
    """Return what became of each appointment of a proposal, by start."""
    return [listed.item.state for listed in view.items]
