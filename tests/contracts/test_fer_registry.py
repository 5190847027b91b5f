"""What `OutsideRegistry` promises, asked of the real client over a real socket, against the simulated concentrator."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
import structlog
from lxml import etree

from backend.booking.errors import (
    BookingRefusal,
    CancelTooLate,
    DuplicateSpecialty,
    NotAttached,
    OutcomeUnknown,
    PatientNotFound,
    ReferralExpired,
    ReferralRequired,
    RegistryUnavailable,
    SlotTaken,
    SlotWithdrawn,
    TimeOverlap,
)
from backend.booking.ports import OutsideReferral, Patient, Resource
from tests.contracts.fer_line import SLOT, TOKEN, Line, connected
from tests.factories.fer import (
    ANNA,
    BORIS,
    CARDIOLOGIST,
    DENTIST,
    DOCTORS_SNILS,
    OLD_REFERRAL,
    OTHER_DENTIST,
    REFERRAL,
    STRANGER,
    THERAPIST,
    TODAY,
    TOMORROW,
    VISIT,
    Doctor,
)
from tests.factories.people import NOW


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with connected(timeout_seconds=20) as line:
        yield line


async def test_free_times_are_told_in_utc_by_start_as_of_now(line: Line) -> None:
    schedule = await line.registry.schedule(DENTIST.resource, first=TODAY, last=TOMORROW)
    assert schedule.as_of == NOW
    expected = [
        DENTIST.slot(8 + place // 3, place % 3 * 20, day=day) for day in (TODAY, TOMORROW) for place in range(6)
    ]
    ahead = [replace(one, starts_at=one.starts_at.astimezone(UTC)) for one in expected if one.starts_at > NOW]
    assert [one.external_id for one in schedule.slots] == [one.external_id for one in ahead]
    assert [(one.starts_at, one.room) for one in schedule.slots] == [(one.starts_at, "12") for one in ahead]
    assert {one.ends_at - one.starts_at for one in schedule.slots} == {VISIT}
    assert {one.starts_at.tzinfo for one in schedule.slots} == {UTC}


async def test_a_schedule_that_is_withdrawn_is_none_and_one_that_cannot_be_told_is_unavailable(line: Line) -> None:
    line.concentrator.withdraw(DENTIST.clinic_oid, DENTIST.name)
    assert await line.free() == []
    await line.spoil("garbage", method=None)
    with pytest.raises(RegistryUnavailable):
        await line.free()
    for key in ("", "171", "171|snils|", "171|oid|1"):
        with pytest.raises(RegistryUnavailable):
            await line.registry.schedule(Resource(DENTIST.clinic_oid, key), first=TODAY, last=TOMORROW)


async def test_referrals_are_told_newest_first_and_only_to_known_posts(line: Line) -> None:
    assert await line.registry.referrals(ANNA) == [
        OutsideReferral(one.number, "cardiologist", one.starts_on, one.ends_on) for one in (REFERRAL, OLD_REFERRAL)
    ]
    assert await line.registry.referrals(BORIS) == []
    with pytest.raises(PatientNotFound):
        await line.registry.referrals(STRANGER)
    await line.spoil("unauthorized", method=None)
    with pytest.raises(RegistryUnavailable):
        await line.registry.referrals(ANNA)


async def test_a_booking_takes_the_slot_once_however_often_it_is_asked_for(line: Line) -> None:
    key = uuid4()
    for _ in range(3):
        await line.book(key)
    assert line.booked() == [(str(key), SLOT.external_id)]
    assert SLOT.external_id not in {one.external_id for one in await line.free()}


async def test_of_two_people_at_one_slot_one_gets_it(line: Line) -> None:
    first, second = uuid4(), uuid4()
    outcomes = await asyncio.gather(line.book(first), line.book(second, patient=BORIS), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "SlotTaken"]
    assert len(line.booked()) == 1


@pytest.mark.parametrize(
    ("patient", "doctor", "referral", "refusal"),
    [
        (STRANGER, DENTIST, None, PatientNotFound),
        (replace(ANNA, birth_date=BORIS.birth_date), DENTIST, None, PatientNotFound),
        (replace(ANNA, family_name="\x00"), DENTIST, None, PatientNotFound),
        (BORIS, THERAPIST, None, NotAttached),
        (ANNA, CARDIOLOGIST, None, ReferralRequired),
        (ANNA, CARDIOLOGIST, "40-nobodys", ReferralRequired),
        (ANNA, CARDIOLOGIST, OLD_REFERRAL.number, ReferralExpired),
    ],
)
async def test_a_refusal_is_ours_by_class_and_nothing_is_booked(
    line: Line, patient: Patient, doctor: Doctor, referral: str | None, refusal: type[BookingRefusal]
) -> None:
    with pytest.raises(refusal):
        await line.book(uuid4(), doctor.slot(8), patient=patient, doctor=doctor, referral=referral)
    assert line.booked() == []


async def test_a_patient_without_a_number_is_known_by_name_and_a_referral_books_once(line: Line) -> None:
    nameless = replace(ANNA, snils=None, policy_number=None, phone=None)
    await line.book(uuid4(), CARDIOLOGIST.slot(8), patient=nameless, doctor=CARDIOLOGIST, referral=REFERRAL.number)
    await line.book(uuid4(), THERAPIST.slot(9), patient=replace(ANNA, snils=None), doctor=THERAPIST)
    with pytest.raises(ReferralRequired):
        await line.book(uuid4(), CARDIOLOGIST.slot(9), doctor=CARDIOLOGIST, referral=REFERRAL.number)
    assert len(line.booked()) == 2


async def test_one_specialty_and_one_time_once_over_all_clinics(line: Line) -> None:
    await line.book(uuid4())
    with pytest.raises(DuplicateSpecialty):
        await line.book(uuid4(), OTHER_DENTIST.slot(9), doctor=OTHER_DENTIST)
    with pytest.raises(TimeOverlap):
        await line.book(uuid4(), THERAPIST.slot(8), doctor=THERAPIST)
    assert len(line.booked()) == 1


async def test_a_slot_that_is_not_given_out_any_more_is_withdrawn(line: Line) -> None:
    for slot in (replace(SLOT, external_id="of-yesterday"), DENTIST.slot(8, day=TODAY)):
        with pytest.raises(SlotWithdrawn):
            await line.book(uuid4(), slot)
    await line.spoil("withdrawn")
    with pytest.raises(SlotWithdrawn):
        await line.book(uuid4())
    assert line.booked() == []


async def test_a_slot_that_somebody_else_takes_between_search_and_booking_is_taken(line: Line) -> None:
    assert SLOT.external_id in {one.external_id for one in await line.free()}
    await line.spoil("taken")
    key = uuid4()
    for _ in range(2):
        with pytest.raises(SlotTaken):
            await line.book(key)
    assert line.booked() == [(None, SLOT.external_id)]


async def test_a_refusal_once_given_stands_when_the_slot_is_free_again(line: Line) -> None:
    """A request that comes late must not book what its sender was told is refused."""
    other, key = uuid4(), uuid4()
    await line.book(other, patient=BORIS)
    with pytest.raises(SlotTaken):
        await line.book(key)
    await line.cancel(other, patient=BORIS)
    with pytest.raises(SlotTaken):
        await line.book(key)
    assert line.booked() == []
    await line.book(uuid4())


async def test_a_cancelled_booking_frees_the_slot_and_is_never_made_again(line: Line) -> None:
    key = uuid4()
    await line.book(key)
    for _ in range(2):
        await line.cancel(key)
    assert line.booked() == []
    await line.book(key)
    assert line.booked() == []
    await line.book(uuid4(), patient=BORIS)


async def test_what_is_given_up_before_it_arrives_is_not_booked_when_it_does(line: Line) -> None:
    key = uuid4()
    await line.cancel(key)
    with pytest.raises(SlotWithdrawn):
        await line.book(key)
    assert line.booked() == []


async def test_a_booking_that_begins_soon_stands(line: Line) -> None:
    key = uuid4()
    await line.book(key)
    line.clock.set(SLOT.starts_at - timedelta(minutes=59))
    with pytest.raises(CancelTooLate):
        await line.cancel(key)
    assert line.booked() == [(str(key), SLOT.external_id)]


async def test_a_malformed_command_is_refused_and_the_description_is_served(line: Line) -> None:
    for body in ("{}", "x", '{"kind": "earthquake"}', '{"kind": "truncated", "at": -1}'):
        assert (await line.control.post("/fer/_control/faults", content=body)).status_code == 400
    described = await line.control.get("/fer/ErWebService?wsdl")
    root = etree.fromstring(described.content)
    operations = {one.get("name") for one in root.iterfind("{*}portType/{*}operation")}
    assert operations >= {
        "GetPatientInfo", "GetReferralInfo", "GetScheduleInfo", "CreateAppointment", "CancelAppointment",
    }  # fmt: skip
    assert (await line.control.get("/fer/ErWebService")).status_code == 405
    await line.book(uuid4())
    assert [one["slotId"] for one in (await line.control.get("/fer/_control/bookings")).json()] == [SLOT.external_id]


async def test_every_message_of_both_sides_is_in_order_by_the_description_that_is_served(line: Line) -> None:
    key = uuid4()
    await line.free()
    await line.free(CARDIOLOGIST)
    await line.registry.referrals(ANNA)
    await line.book(uuid4(), CARDIOLOGIST.slot(9), doctor=CARDIOLOGIST, referral=REFERRAL.number)
    await line.book(key)
    for asking in (line.book(uuid4(), patient=BORIS), line.book(uuid4(), patient=STRANGER)):
        with pytest.raises(BookingRefusal):
            await asking
    await line.cancel(key)
    await line.cancel(uuid4())
    messages = [one for one in line.messages if one]
    served = etree.fromstring((await line.control.get("/fer/ErWebService?wsdl")).content)
    described = served.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert described is not None
    schema = etree.XMLSchema(described)
    bodies = [etree.fromstring(one).find("{*}Body/{*}*") for one in messages]
    assert {etree.QName(one).localname for one in bodies if one is not None} == {
        f"{method}{side}"
        for method in ("GetPatientInfo", "GetReferralInfo", "GetScheduleInfo", "CreateAppointment", "CancelAppointment")
        for side in ("Request", "Response")
    }
    assert [one for one in bodies if one is None or not schema(one)] == []


@pytest.mark.parametrize("kind", [None, "garbage", "fault", "unauthorized", "lost", "foreign", "taken"])
async def test_no_personal_data_in_logs_errors_or_addresses(
    line: Line, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], kind: str | None
) -> None:
    """S43; a doctor's SNILS is such data, too."""
    canaries = [ANNA.family_name, "11223344595", "7756410835001233", "1984-05-17", "9105550117", TOKEN, DOCTORS_SNILS]
    caplog.set_level(logging.DEBUG)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        for asking in (line.free, lambda: line.book(uuid4()), lambda: line.registry.referrals(ANNA)):
            if kind is not None:
                await line.spoil(kind, method=None)
            try:
                await asking()
            except (RegistryUnavailable, OutcomeUnknown, SlotTaken) as error:
                logging.getLogger("canary").exception("%r", DENTIST.resource, exc_info=error)
    finally:
        structlog.reset_defaults()
    written = caplog.text + "".join(capsys.readouterr()) + repr(ANNA) + repr(DENTIST.name)
    assert "fer_registry_asked" in written
    assert [canary for canary in canaries if canary in written + " ".join(line.addresses)] == []
