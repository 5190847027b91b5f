"""What is not known is never guessed (R57): late, lost, spoilt, doubled answers, and sessions that time out."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.booking.errors import (
    OutcomeUnknown,
    PatientNotFound,
    RegistryUnavailable,
)
from backend.integrations.breaker import Breaker
from backend.integrations.fer_registry.client import FerRegistryClient
from tests.contracts.fer_line import SLOT, Line, connected, settings
from tests.factories.fer import (
    ANNA,
    BORIS,
    DENTIST,
    STRANGER,
    TODAY,
    TOMORROW,
)
from tests.factories.people import NOW


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with connected(timeout_seconds=20) as line:
        yield line


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
