"""Each reason for nothing, with what it is about; none where there is something."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel, update
from uuid_utils.compat import uuid7

from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.tables import (
    ClinicRow,
    OrganisationRow,
    ScheduleQuotaRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Channel, SlotCriteria, SlotId
from backend.database import Database
from backend.errors import NotFound
from backend.profile.values import Sex
from backend.slot_search.service import SlotSearchService
from backend.slot_search.values import Absence, HoursOfDay, Reason, SearchCriteria, SearchText
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import Principal
from tests.factories.booking import Booking, Place
from tests.factories.people import NOW, add_person, make_principal

SOON = NOW + timedelta(hours=3)
AHEAD = timedelta(days=14)
_OLD = SlotCriteria()


class House:
    """One clinic with one therapist, and Anna, born in 1984, who is attached nowhere."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.booking = Booking(database)
        self.service = SlotSearchService(database=database, access=self.booking.access, clock=self.booking.clock)

    async def build(self) -> None:
        self.place: Place = await self.booking.one_place()
        self.anna: Principal = make_principal(await add_person(self.database))

    async def add_slot(self, at: datetime = SOON, **given: Any) -> SlotId:
        [slot_id] = await self.booking.registry.add_slots(self.place, [at], **given)
        return slot_id

    async def limit(self, **limits: Any) -> None:
        await self._change(SpecialtyRow, self.place.specialty_id, limits)

    async def limit_clinic(self, **limits: Any) -> None:
        await self._change(ClinicRow, self.place.clinic_id, limits)

    async def release(self, slot_id: SlotId, at: datetime) -> None:
        await self._change(SlotRow, slot_id, {"released_at": at})

    async def store(self, row: SQLModel) -> None:
        async with self.database.transaction() as session:
            session.add(row)

    async def refer(self, *, expires_on: date, issued_on: date = date(2026, 11, 1)) -> UUID:
        row = ReferralRow(
            person_id=self.anna.person_id,
            number=str(uuid7()),
            specialty_id=self.place.specialty_id,
            issued_on=issued_on,
            expires_on=expires_on,
            source="own",
            as_of=NOW,
        )
        await self.store(row)
        return row.id

    async def attach(self, organisation_id: UUID) -> None:
        row = AttachmentRow(
            person_id=self.anna.person_id,
            organisation_id=organisation_id,
            since=date(2020, 1, 1),
            source="own",
            as_of=NOW,
        )
        await self.store(row)

    async def why(self, **criteria: Any) -> list[Absence]:
        """Return why nothing is found; the page must be empty just then."""
        search = await self.service.prepare(self.anna, criteria=SearchCriteria(**criteria))
        found, reasons = (await search.page(after=None, limit=5)).items, await search.why_none()
        assert bool(reasons) is not bool(found)
        return reasons

    async def why_anna(self, **criteria: Any) -> list[Absence]:
        return await self.why(person_id=self.anna.person_id, **criteria)

    async def _change(self, table: type[SQLModel], row_id: UUID, values: Mapping[str, Any]) -> None:
        key: Any = SQLModel.metadata.tables[str(table.__tablename__)].c.id
        async with self.database.transaction() as session:
            await session.exec(update(table).where(key == row_id).values(**values))


@pytest.fixture
async def house(database: Database) -> House:
    made = House(database)
    await made.build()
    return made


async def test_something_is_found_and_nothing_is_explained(house: House) -> None:
    await house.add_slot()
    assert await house.why() == []
    assert await house.why_anna() == []


async def test_nothing_matches(house: House) -> None:
    await house.add_slot()
    assert await house.why(text=SearchText("паросетамолог")) == [Absence(Reason.NOTHING_MATCHES)]
    assert await house.why(specialty_codes=("nobody",)) == [Absence(Reason.NOTHING_MATCHES)]
    assert await house.why(town="Париж") == [Absence(Reason.NOTHING_MATCHES)]
    assert await house.why(text=SearchText("therapistxyz")) == [Absence(Reason.NOTHING_MATCHES, suggestion="therapist")]


async def test_no_schedule_at_these_times(house: House) -> None:
    assert await house.why() == [Absence(Reason.SCHEDULE)]
    await house.add_slot()  # 12:00 in Moscow
    assert await house.why(hours=HoursOfDay(13 * 60)) == [Absence(Reason.SCHEDULE)]
    assert await house.why(hours=HoursOfDay(12 * 60, 12 * 60 + 1)) == []
    assert await house.why(starts_before=NOW - timedelta(days=1)) == [Absence(Reason.SCHEDULE)]


async def test_all_taken(house: House) -> None:
    await house.booking.book(make_principal(), await house.add_slot())
    assert await house.why() == [Absence(Reason.ALL_TAKEN)]


async def test_not_released_yet(house: House) -> None:
    for hours in (2, 1):
        await house.release(await house.add_slot(SOON + timedelta(hours=hours)), NOW + timedelta(hours=hours))
    assert await house.why() == [Absence(Reason.NOT_RELEASED, at=NOW + timedelta(hours=1))]
    assert (await house.booking.slots.search(None, criteria=_OLD, limit=5)).items == ()
    house.booking.clock.advance(timedelta(hours=1))
    assert await house.why() == []
    assert len((await house.booking.slots.search(None, criteria=_OLD, limit=5)).items) == 1


async def test_the_quota_of_the_channel_is_used_up(house: House) -> None:
    taken, _ = await house.add_slot(), await house.add_slot(SOON + timedelta(hours=1))
    await house.store(ScheduleQuotaRow(schedule_id=house.place.schedule_id, channel=Channel.APP, most=1))
    assert await house.why() == []
    await house.booking.book(make_principal(), taken)
    assert await house.why() == [Absence(Reason.QUOTA), Absence(Reason.ALL_TAKEN)]
    assert (await house.booking.slots.search(None, criteria=_OLD, limit=5)).items == ()
    assert await house.why(channel=Channel.CALL_122) == []


async def test_given_out_through_other_doors_only(house: House) -> None:
    await house.add_slot(channels=Channel.REGISTRY.bit)
    assert await house.why() == [Absence(Reason.CHANNEL)]


async def test_beyond_the_horizon(house: House) -> None:
    late = NOW + AHEAD + timedelta(days=2)
    await house.add_slot(late)
    opens = Absence(Reason.BEYOND_HORIZON, at=NOW + timedelta(days=2))
    assert await house.why() == [opens, Absence(Reason.SCHEDULE)]
    assert await house.why(starts_from=late - timedelta(hours=1)) == [opens, Absence(Reason.SCHEDULE)]
    assert await house.why(starts_before=late) == [Absence(Reason.SCHEDULE)]


async def test_too_young_or_too_old(house: House) -> None:
    await house.add_slot()
    await house.limit(age_until=17)
    assert await house.why_anna() == [Absence(Reason.AGE, age_until=17)]
    assert await house.why() == []
    await house.limit(age_until=None)
    await house.limit_clinic(age_from=43)
    house.service = SlotSearchService(database=house.database, access=house.booking.access, clock=house.booking.clock)
    assert [one.reason for one in await house.why_anna()] == [Reason.AGE]


async def test_of_the_other_sex(house: House) -> None:
    await house.add_slot()
    await house.limit(sex=Sex.MALE)
    assert await house.why_anna() == [Absence(Reason.SEX)]


async def test_attached_to_another_clinic(house: House) -> None:
    await house.add_slot()
    await house.limit(needs_attachment=True)
    assert await house.why_anna() == [Absence(Reason.ATTACHMENT)]
    other = OrganisationRow(oid="1.2.3.4", name="Другая больница")
    other_id = other.id
    await house.store(other)
    clinic_id = await house.booking.registry.add_clinic(name="Другая")
    async with house.database.transaction() as session:
        (await session.get_one(ClinicRow, clinic_id)).organisation_id = other_id
    await house.attach(other_id)
    house.service = SlotSearchService(database=house.database, access=house.booking.access, clock=house.booking.clock)
    [absence] = await house.why_anna()
    assert (absence.reason, absence.organisation and absence.organisation.id) == (Reason.ATTACHMENT, other_id)


async def test_without_a_referral_that_is_valid_on_the_day(house: House) -> None:
    await house.add_slot()
    await house.limit(direct_booking=False)
    await house.refer(expires_on=date(2026, 11, 21))
    [absence] = await house.why_anna()
    assert (absence.reason, absence.specialty and absence.specialty.id) == (Reason.REFERRAL, house.place.specialty_id)
    await house.refer(expires_on=date(2026, 11, 22))
    assert await house.why_anna() == []


async def test_a_person_is_not_blamed_where_nobody_would_find_anything(house: House) -> None:
    await house.limit(age_until=17)
    other = await house.booking.one_place(specialty="dentist")
    await house.booking.book(make_principal(), (await house.booking.registry.add_slots(other, [SOON]))[0])
    assert await house.why_anna() == [Absence(Reason.ALL_TAKEN)]


async def test_only_who_may_book_for_a_person_searches_for_them(house: House) -> None:
    await house.add_slot()
    criteria = SearchCriteria(person_id=house.anna.person_id)
    with pytest.raises(AccessRefused):
        await house.service.prepare(make_principal(), criteria=criteria)
    with pytest.raises(NotSignedIn):
        await house.service.prepare(None, criteria=criteria)
    nobody = make_principal()
    with pytest.raises(NotFound):
        await house.service.prepare(nobody, criteria=SearchCriteria(person_id=nobody.person_id))


async def test_a_new_doctor_is_found_though_the_register_is_old(house: House) -> None:
    await house.add_slot()
    assert await house.why() == []
    place = await house.booking.one_place(specialty="dentist")
    await house.booking.registry.add_slots(place, [SOON])
    search = await house.service.prepare(None, criteria=SearchCriteria())
    found = [one.slot.doctor.id for one in (await search.page(after=None, limit=5)).items]
    assert sorted(found) == sorted([house.place.doctor_id, place.doctor_id])
    house.booking.clock.advance(timedelta(seconds=30))
    search = await house.service.prepare(None, criteria=SearchCriteria(specialty_codes=("dentist",)))
    assert [one.slot.doctor.id for one in (await search.page(after=None, limit=5)).items] == [place.doctor_id]
