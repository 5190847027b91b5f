import pytest
from uuid_utils.compat import uuid7

from backend.booking.values import ClinicId, DoctorId, SpecialtyId
from backend.database import Database
from tests.factories.booking import DENTIST, THERAPIST, Booking


@pytest.fixture
def booking(database: Database) -> Booking:
    return Booking(database)


async def test_reference_data_is_open_to_everybody(booking: Booking) -> None:
    first = await booking.one_place(specialty=THERAPIST)
    second = await booking.one_place(town="Обнинск", specialty=DENTIST)
    assert await booking.clinics.towns(None) == ["Калуга", "Обнинск"]
    assert [one.code for one in await booking.clinics.specialties(None)] == [DENTIST, THERAPIST]
    clinics = await booking.clinics.clinics_by_ids(None, ids=[first.clinic_id, ClinicId(uuid7())])
    assert list(clinics) == [first.clinic_id]
    doctors = await booking.clinics.doctors_by_ids(None, ids=[second.doctor_id, DoctorId(uuid7())])
    assert list(doctors) == [second.doctor_id]
    specialties = await booking.clinics.specialties_by_ids(None, ids=[second.specialty_id, SpecialtyId(uuid7())])
    assert [one.code for one in specialties.values()] == [DENTIST]


async def test_clinics_page_by_name_and_id(booking: Booking) -> None:
    names = ["Больница", "Амбулатория", "Больница", "Амбулатория", "Яблоко"]
    for name in names:
        await booking.registry.add_clinic(name=name)
    await booking.registry.add_clinic(name="Больница", town="Обнинск")
    seen: list[tuple[str, ClinicId]] = []
    has_next, after = True, None
    while has_next:
        page = await booking.clinics.clinics(None, town="Калуга", after=after, limit=2)
        seen += [(clinic.name, clinic.id) for clinic in page.items]
        has_next, after = page.has_next, seen[-1][1]
    assert seen == sorted(set(seen))
    assert [name for name, _ in seen] == sorted(names)
    assert len((await booking.clinics.clinics(None, limit=10)).items) == 6
