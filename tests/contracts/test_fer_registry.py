"""What `OutsideRegistry` promises, asked of the real client over a real socket, against the simulated concentrator."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import structlog
from lxml import etree
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount

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
from backend.booking.ports import OutsideReferral, OutsideRegistry, OutsideSlot, Patient, Resource
from backend.booking.values import CancelReason
from backend.clock import SettableClock
from backend.integrations.breaker import Breaker
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.simulated_concentrator import SimulatedConcentrator
from backend.integrations.fer_registry.simulator import create_simulator
from backend.settings import FerRegistrySettings
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
    make_concentrator,
)
from tests.factories.people import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

TOKEN = "token-of-the-tests"
SLOT = DENTIST.slot(8)


def settings(base_url: str, **given: Any) -> FerRegistrySettings:
    return FerRegistrySettings(**{"base_url": HttpUrl(f"{base_url}/fer"), "token": TOKEN, **given})


@dataclass
class Line:
    """The client, what it asks, and what lies behind."""

    registry: OutsideRegistry
    concentrator: SimulatedConcentrator
    clock: SettableClock
    control: httpx2.AsyncClient
    base_url: str
    messages: list[bytes]
    addresses: list[str]

    async def spoil(self, kind: str, *, method: str | None = "CreateAppointment", **given: Any) -> None:
        fault = {"kind": kind, "method": method, **given}
        assert (await self.control.post("/fer/_control/faults", json=fault)).status_code == 204

    def book(
        self,
        key: UUID,
        slot: OutsideSlot = SLOT,
        *,
        patient: Patient = ANNA,
        doctor: Doctor = DENTIST,
        referral: str | None = None,
    ) -> Awaitable[None]:
        return self.registry.book(
            key=key, patient=patient, resource=doctor.resource, slot=slot, referral_number=referral
        )

    def cancel(self, key: UUID, slot: OutsideSlot = SLOT, *, patient: Patient = ANNA) -> Awaitable[None]:
        return self.registry.cancel(
            key=key, patient=patient, resource=DENTIST.resource, slot=slot, reason=CancelReason.PATIENT_DECLINE
        )

    async def free(self, doctor: Doctor = DENTIST) -> list[OutsideSlot]:
        return list((await self.registry.schedule(doctor.resource, first=TODAY, last=TOMORROW)).slots)

    def booked(self) -> list[tuple[str | None, str]]:
        """Return key and slot of every booking over there."""
        return [(one.session_id, one.slot.slot_id) for one in self.concentrator.bookings.values()]


@asynccontextmanager
async def connected(**given: Any) -> AsyncIterator[Line]:
    clock = SettableClock(NOW)
    concentrator = make_concentrator(clock)
    simulator = create_simulator(concentrator, token=TOKEN)
    messages: list[bytes] = []
    addresses: list[str] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        async def take() -> Any:
            message = await receive()
            messages.append(message.get("body", b""))
            return message

        async def give(message: Any) -> None:
            messages.append(message.get("body", b""))
            await send(message)

        addresses.append(f"{scope['path']}?{scope['query_string']}")
        is_control = "_control" in scope["path"]
        await simulator(scope, receive if is_control else take, send if is_control else give)

    async with (
        serving(Starlette(routes=[Mount("/fer", listening)])) as base_url,
        http_client(base_url=base_url) as control,
        FerRegistryClient(settings(base_url, **given), clock=clock) as registry,
    ):
        yield Line(registry, concentrator, clock, control, base_url, messages, addresses)


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


async def test_a_session_that_times_out_is_opened_anew_under_the_same_key(line: Line) -> None:
    key = uuid4()
    await line.spoil("session_timed_out")
    await line.book(key)
    line.clock.advance(timedelta(minutes=30))
    await line.book(key)
    await line.spoil("session_timed_out", method="CancelAppointment")
    await line.cancel(key)
    assert line.booked() == []


async def test_a_session_that_times_out_again_and_again_leaves_the_outcome_open(line: Line) -> None:
    key = uuid4()
    await line.spoil("session_timed_out", times=2)
    with pytest.raises(OutcomeUnknown):
        await line.book(key)
    assert line.booked() == []
    await line.book(key)
    assert line.booked() == [(str(key), SLOT.external_id)]


async def test_a_patient_who_has_left_the_register_does_not_unmake_a_booking(line: Line) -> None:
    key = uuid4()
    await line.spoil("lost")
    with pytest.raises(OutcomeUnknown):
        await line.book(key)
    line.concentrator.patients = []
    line.concentrator.end_sessions()
    await line.book(key)
    assert line.booked() == [(str(key), SLOT.external_id)]
    with pytest.raises(OutcomeUnknown):
        await line.cancel(key)
    assert line.booked() == [(str(key), SLOT.external_id)]


DONE_ALL_THE_SAME = ("lost", "garbage", "answered_twice", "unknown_status", "foreign")


@pytest.mark.parametrize("kind", [*DONE_ALL_THE_SAME, "down", "fault", "unauthorized"])
async def test_whatever_is_no_clear_answer_leaves_the_outcome_open_and_asking_again_settles_it(
    line: Line, kind: str
) -> None:
    key = uuid4()
    await line.spoil(kind)
    with pytest.raises(OutcomeUnknown):
        await line.book(key)
    assert len(line.booked()) == (kind in DONE_ALL_THE_SAME)
    await line.book(key)
    assert line.booked() == [(str(key), SLOT.external_id)]
    await line.spoil(kind, method="CancelAppointment")
    with pytest.raises(OutcomeUnknown):
        await line.cancel(key)
    await line.cancel(key)
    assert line.booked() == []


@pytest.mark.parametrize("method", ["GetPatientInfo", "GetScheduleInfo"])
async def test_what_changes_nothing_is_asked_again_at_once(line: Line, method: str) -> None:
    await line.spoil("down", method=method, times=2)
    await line.free()
    await line.book(uuid4())
    assert len(line.booked()) == 1


async def test_a_call_that_arrives_twice_books_once(line: Line) -> None:
    key = uuid4()
    await line.spoil("asked_twice")
    await line.book(key)
    assert line.booked() == [(str(key), SLOT.external_id)]


@pytest.mark.parametrize("kind", ["slow", "late"])
async def test_an_answer_that_comes_late_costs_the_budget_and_is_found_by_asking_again(kind: str) -> None:
    async with connected(timeout_seconds=0.3) as line:
        key = uuid4()
        await line.spoil(kind, seconds=0.6)
        started_at = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            await line.book(key)
        assert time.monotonic() - started_at < 0.6
        await line.book(key)
        await line.spoil("slow", method=None, seconds=0.6)
        with pytest.raises(RegistryUnavailable):
            await line.free()
        assert line.booked() == [(str(key), SLOT.external_id)]


async def test_one_key_for_two_people_or_two_slots_books_nothing_for_the_second(line: Line) -> None:
    key = uuid4()
    await line.book(key)
    with pytest.raises(OutcomeUnknown):
        await line.book(key, DENTIST.slot(9), patient=BORIS)
    with pytest.raises(OutcomeUnknown):
        await line.book(key, DENTIST.slot(9))
    assert line.booked() == [(str(key), SLOT.external_id)]


async def test_an_absent_concentrator_leaves_everything_open() -> None:
    async with FerRegistryClient(settings("http://127.0.0.1:1"), clock=lambda: NOW) as registry:
        with pytest.raises(RegistryUnavailable):
            await registry.schedule(DENTIST.resource, first=TODAY, last=TOMORROW)
        with pytest.raises(RegistryUnavailable):
            await registry.referrals(ANNA)
        with pytest.raises(OutcomeUnknown):
            await registry.book(key=uuid4(), patient=ANNA, resource=DENTIST.resource, slot=SLOT, referral_number=None)


async def test_a_failing_concentrator_is_given_a_rest_and_a_refusal_is_no_failure(line: Line) -> None:
    breaker = Breaker(failures_to_open=2, rest_seconds=60, monotonic=time.monotonic)
    async with FerRegistryClient(settings(line.base_url), clock=line.clock, breaker=breaker) as registry:
        for _ in range(3):
            with pytest.raises(PatientNotFound):
                await registry.referrals(STRANGER)
        await line.spoil("garbage", method=None, times=9)
        asked = len(line.addresses)
        for _ in range(4):
            with pytest.raises(RegistryUnavailable):
                await registry.referrals(ANNA)
        assert len(line.addresses) - asked == 2


async def test_a_malformed_command_is_refused_and_the_description_is_served(line: Line) -> None:
    for body in ("{}", "x", '{"kind": "earthquake"}', '{"kind": "truncated", "at": -1}'):
        assert (await line.control.post("/fer/_control/faults", content=body)).status_code == 400
    described = await line.control.get("/fer/ErWebService?wsdl")
    root = etree.fromstring(described.content)
    operations = {one.get("name") for one in root.iterfind("{*}portType/{*}operation")}
    assert operations == {
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
