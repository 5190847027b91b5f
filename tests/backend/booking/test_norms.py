"""Norms of waiting: shown as they hold now, and counted where nothing sooner was free."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.norm_queries import Waits, waits_since
from backend.booking.norms import NORMS, WaitingNorm, exceeds, norm_of
from tests.factories.booking import DENTIST, THERAPIST, Booking, citizens
from tests.factories.people import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("specialty", "within"), [("therapist", DAY), ("paediatrician", DAY), ("cardiologist", 14 * DAY)]
)
def test_the_norm_of_a_specialty(specialty: str, within: timedelta) -> None:
    assert norm_of(specialty, now=NOW) == within
    assert not exceeds(NOW + within, asked_at=NOW, norm=within)
    assert exceeds(NOW + within + timedelta(seconds=1), asked_at=NOW, norm=within)


def test_a_later_norm_takes_over_on_its_day() -> None:
    coming = WaitingNorm(7 * DAY, valid_from=date(2026, 11, 23))
    assert norm_of("cardiologist", now=NOW, norms=(*NORMS, coming)) == 14 * DAY
    assert norm_of("cardiologist", now=NOW + DAY, norms=(*NORMS, coming)) == 7 * DAY
    assert norm_of("cardiologist", now=NOW, norms=()) is None
    assert not exceeds(NOW + 99 * DAY, asked_at=NOW, norm=None)


@pytest.mark.parametrize(("sooner", "counted"), [(False, True), (True, None)])
async def test_a_wait_beyond_the_norm_counts_where_nothing_sooner_was_free(
    booking: Booking, *, sooner: bool, counted: bool | None
) -> None:
    place = await booking.one_place(specialty=THERAPIST)
    late, *_ = await booking.registry.add_slots(place, [NOW + 3 * DAY, *([NOW + DAY / 2] if sooner else [])])
    teeth = await booking.one_slot(at=NOW + 4 * DAY, specialty=DENTIST)
    anna, boris = citizens(2)
    visit = await booking.book(anna, late)
    await booking.book(boris, teeth)
    await booking.hold(anna, (await booking.registry.add_slots(place, [NOW + 5 * DAY]))[0], replaces=visit)
    async with booking.database.reading() as session:
        found = (
            await session.exec(select(col(AppointmentRow.norm_exceeded)).where(col(AppointmentRow.id) == visit))
        ).one()
        told = await waits_since(session, NOW)
    assert found is counted
    assert told == [Waits(DENTIST, 1, 0), Waits(THERAPIST, 1, int(bool(counted)))]
