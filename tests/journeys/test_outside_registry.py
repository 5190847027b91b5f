"""The demo region's clinics that the federal registry keeps: their times come from over there, and are booked there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.booking.errors import NotAttached, OutcomeUnknown
from backend.booking.outside import OutsideBookings
from backend.booking.outside_schedules import Synced
from backend.booking.ports import OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.booking.tables import PostRow, SlotRow
from backend.booking.terms import PORTAL_TERMS
from backend.booking.values import Registry
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.region import CLINICS, demo_id, generate_doctors
from backend.entrypoints.outside_schedules import build_outside_schedules
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.profile.values import Sex, Snils
from graphql_schema.node import encode_id
from tests.journeys.phone import Phone
from tests.journeys.region import MONDAY, Region

OUTSIDE = {clinic.id: clinic for clinic in CLINICS if clinic.kept_by is Registry.FER}


def as_patient(person: DemoPerson) -> Patient:
    return Patient(
        family_name=person.family_name,
        given_name=person.given_name,
        patronymic=person.patronymic,
        birth_date=person.birth_date,
        sex=Sex(person.sex),
        snils=Snils(person.snils),
    )


async def test_times_over_there_are_kept_here_and_a_booking_over_there_takes_one(region: Region) -> None:
    assert [clinic.number for clinic in OUTSIDE.values()] == [7, 10]
    kept = select(col(SlotRow.clinic_id), col(SlotRow.as_of)).where(col(SlotRow.external_id).is_not(None))
    async with FerRegistryClient(region.settings.fer_registry, clock=region.clock) as registry:
        few_days = region.settings.fer_registry.model_copy(update={"schedule_days": 4})
        schedules = build_outside_schedules(few_days, region.clock, region.database, {Registry.FER: registry})
        assert await schedules.sync() == Synced(asked=20, untold=0)
        async with region.database.reading() as session:
            rows = (await (await session.connection()).execute(kept)).all()
        assert {clinic_id for clinic_id, _ in rows} == set(OUTSIDE)
        assert {as_of for _, as_of in rows} == {MONDAY}
        assert len(rows) > 500
        assert await schedules.sync() == Synced(asked=0, untold=0)
        await books_over_there(region, registry)


async def books_over_there(region: Region, registry: FerRegistryClient) -> None:
    anna = next(generate_people(len(NAMED), seed=region.settings.demo_seed, today=MONDAY.date()))
    therapist, slot = await a_therapist_of(region, clinic=10)
    elsewhere, foreign = await a_therapist_of(region, clinic=7)
    key = uuid4()
    booking = {"resource": therapist, "slot": slot, "referral_number": None}
    with pytest.raises(NotAttached):
        await registry.book(
            key=uuid4(), patient=as_patient(anna), resource=elsewhere, slot=foreign, referral_number=None
        )
    await region.break_simulator("fer", kind="lost", method="CreateAppointment")
    with pytest.raises(OutcomeUnknown):
        await registry.book(key=key, patient=as_patient(anna), **booking)  # type: ignore[arg-type]
    await registry.book(key=key, patient=as_patient(anna), **booking)  # type: ignore[arg-type]
    over_there = await region.http.get(f"{region.simulators_url}/fer/_control/bookings")
    assert over_there.json() == [{"sessionId": str(key), "slotId": slot.external_id}]
    day = MONDAY.date()
    told = await registry.schedule(therapist, first=day, last=day + timedelta(days=13))
    assert slot.external_id not in {one.external_id for one in told.slots}
    await registry.cancel(
        key=key, patient=as_patient(anna), resource=therapist, slot=slot, reason=CancelReason.PATIENT_DECLINE
    )


async def a_therapist_of(region: Region, *, clinic: int) -> tuple[Resource, OutsideSlot]:
    """Return the resource of a clinic's therapist and the last slot, as they are kept here."""
    doctors = generate_doctors(seed=region.settings.demo_seed)
    doctor = next(one for one in doctors if one.clinic.number == clinic and one.specialty.code == "therapist")
    wanted = (
        select(
            col(PostRow.resource_key),
            col(SlotRow.external_id),
            col(SlotRow.starts_at),
            col(SlotRow.ends_at),
            col(SlotRow.room),
        )
        .join(PostRow, col(PostRow.doctor_id) == col(SlotRow.doctor_id))
        .where(col(PostRow.id) == demo_id("post", doctor.number))
        .order_by(col(SlotRow.starts_at).desc())
    )
    async with region.database.reading() as session:
        row = (await (await session.connection()).execute(wanted)).first()
    assert row is not None
    key, external_id, starts_at, ends_at, room = row
    return Resource(doctor.clinic.oid, key or ""), OutsideSlot(external_id or "", starts_at, ends_at, room)


async def test_a_citizen_books_over_there_and_a_lost_answer_is_found_again(region: Region, anna: Phone) -> None:
    """PENDING, UNKNOWN and CONFIRMED over real HTTP on both sides: one booking over there, one message here."""
    async with FerRegistryClient(region.settings.fer_registry, clock=region.clock) as registry:
        few_days = region.settings.fer_registry.model_copy(update={"schedule_days": 2})
        await build_outside_schedules(few_days, region.clock, region.database, {Registry.FER: registry}).sync()
    wanted = {"clinicIds": [encode_id("Clinic", demo_id("clinic", 10))], "specialty": "cardiologist"}
    slots = (await anna.ask("SearchSlots", filter=wanted, first=5))["slots"]["nodes"]
    hold = (await anna.act("HoldSlot", slotId=slots[0]["id"]))["hold"]
    await region.break_simulator("fer", kind="lost", method="CreateAppointment", times=2)
    booked = (await anna.act("BookAppointment", holdId=hold["id"]))["appointment"]
    assert booked["status"] == "UNKNOWN"
    assert await kinds(anna) == []
    async with FerRegistryClient(region.settings.fer_registry, clock=region.clock) as registry:
        outside = OutsideBookings(
            database=region.database,
            clock=region.clock,
            registries={Registry.FER: registry},
            terms=PORTAL_TERMS,
            published=lambda _: None,
        )
        while (await status_of(anna, booked["id"])) == "UNKNOWN":
            region.clock.advance(timedelta(minutes=1))
            await outside.reconcile()
    assert await status_of(anna, booked["id"]) == "CONFIRMED"
    assert await kinds(anna) == ["APPOINTMENT_BOOKED"]
    over_there = (await region.http.get(f"{region.simulators_url}/fer/_control/bookings")).json()
    assert len(over_there) == 1
    given_up = await anna.act("CancelAppointment", appointmentId=booked["id"], reason="PATIENT_DECLINE")
    assert given_up["appointment"]["status"] == "CANCELLED"
    assert (await region.http.get(f"{region.simulators_url}/fer/_control/bookings")).json() == []


async def status_of(anna: Phone, appointment_id: str) -> str:
    status: str = (await anna.ask("AppointmentDetails", id=appointment_id))["node"]["status"]
    return status


async def kinds(anna: Phone) -> list[str]:
    """Return the kinds of the messages about appointments, latest first."""
    nodes = (await anna.ask("Inbox", first=20))["viewer"]["inbox"]["nodes"]
    return [one["kind"] for one in nodes if one["kind"].startswith("APPOINTMENT")]
