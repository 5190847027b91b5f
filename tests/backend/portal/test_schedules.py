"""A portal is told every free time of a doctor, more than one page of them too."""

from datetime import timedelta

import pytest

from backend.booking.given_out import MOST_AT_ONCE
from backend.database import Database
from backend.portal.schedules import PortalSchedules
from tests.factories.booking import THERAPIST, Booking
from tests.factories.people import NOW

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize("count", [1, MOST_AT_ONCE - 1, MOST_AT_ONCE, 2 * MOST_AT_ONCE + 3])
async def test_no_free_time_is_lost_between_pages(database: Database, count: int) -> None:
    booking = Booking(database)
    place = await booking.one_place()
    ids = await booking.registry.add_slots(place, [NOW + number * QUARTER for number in range(1, count + 1)])
    schedules = PortalSchedules(database=database, slots=booking.slots)
    (clinic,) = await schedules.clinics([THERAPIST])
    (resource,) = await schedules.resources([clinic.oid], [THERAPIST])
    last = (NOW + (count + 1) * QUARTER).date() + timedelta(days=1)
    found = await schedules.free(resource, first=NOW.date(), last=last)
    assert [slot.id for slot in found] == ids
