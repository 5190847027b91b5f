"""Booking through a portal what people queue for: no turn yet is no last word; on both engines."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from backend.booking.states import AppointmentStatus, CancelReason, PlaceState
from backend.booking.values import Channel, SlotId
from backend.database import Database
from backend.portal.bookings import MOST_TRIES
from backend.portal.values import SaidPatient, Wanted
from identity.names import FullName
from identity.principal import Principal
from tests.factories.booking import citizens
from tests.factories.people import make_principal
from tests.factories.portals import ANNA, PortalHouse
from tests.factories.queues import Hall

NEEDED = "QUEUE_TURN_NEEDED"


@dataclass
class Counter:
    """A portal, and Anna who stands behind somebody else in a queue for one slot."""

    hall: Hall
    house: PortalHouse
    anna: Principal
    first: Principal
    slot: SlotId

    async def session(self) -> UUID:
        session_id, name = uuid4(), FullName(ANNA.family_name, ANNA.given_name, ANNA.patronymic)
        assert ANNA.snils is not None
        said = SaidPatient(ANNA.snils, name, ANNA.birth_date, ANNA.sex)
        await self.house.services.sessions.open(self.house.portal, session_id=session_id, said=said)
        return session_id

    async def book(self, session_id: UUID) -> str | None:
        bookings = self.house.services.bookings
        return await bookings.book(self.house.portal, session_id=session_id, slot_id=self.slot, wanted=Wanted())

    async def cancel(self, session_id: UUID) -> str | None:
        bookings, reason = self.house.services.bookings, CancelReason.PATIENT_DECLINE
        return await bookings.cancel(self.house.portal, session_id=session_id, slot_id=self.slot, reason=reason)

    async def pass_by(self, minutes: int) -> None:
        await self.hall.pass_by(minutes=minutes)
        self.house.clock.set(self.hall.clock())


@pytest.fixture
async def counter(database: Database) -> Counter:
    hall, house = Hall(database), PortalHouse(database)
    anna_id, _ = await house.people()
    _, post, slots = await hall.doctor(slots=1)
    anna, (first,) = make_principal(anna_id), citizens(1)
    await hall.join(first, post)
    await hall.join(anna, post, channel=Channel.EPGU)
    counter = Counter(hall, house, anna, first, slots[0])
    await counter.pass_by(30)
    return counter


async def test_a_portal_that_comes_before_the_persons_turn_books_in_it(counter: Counter) -> None:
    session_id = await counter.session()
    for _ in range(3):
        assert await counter.book(session_id) == NEEDED
    await counter.pass_by(3)
    assert await counter.book(session_id) is None
    assert await counter.book(session_id) is None
    assert await counter.hall.booking.statuses() == [AppointmentStatus.CONFIRMED]
    assert await counter.hall.states([counter.first, counter.anna]) == [PlaceState.MISSED, PlaceState.USED]


async def test_what_is_given_up_while_it_waits_for_its_turn_is_never_booked(counter: Counter) -> None:
    session_id = await counter.session()
    assert await counter.book(session_id) == NEEDED
    assert await counter.cancel(session_id) is not None
    await counter.pass_by(3)
    assert await counter.book(session_id) == "SLOT_NOT_FOUND"
    assert await counter.hall.booking.statuses() == []
    assert await counter.hall.states([counter.anna]) == [PlaceState.TURN]


async def test_a_session_asks_so_often_and_a_new_one_anew(counter: Counter) -> None:
    session_id = await counter.session()
    for _ in range(MOST_TRIES + 1):
        assert await counter.book(session_id) == NEEDED
    await counter.pass_by(3)
    assert await counter.book(session_id) == NEEDED
    assert await counter.book(await counter.session()) is None
