from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.booking.ports import OutsideSlot, Resource
from backend.booking.states import CancelReason
from backend.integrations.fer_registry import wire
from backend.integrations.fer_registry.soap import Element, make, read_message, said, schema, write_message
from backend.integrations.fer_registry.wire import NotAValue, ResourceName, Unsayable
from backend.profile.values import Sex
from tests.factories.fer import ANNA, BORIS, CARDIOLOGIST, CLINIC, DENTIST

KEY = UUID("0190f0c1-0000-7000-8000-000000000001")
WHOLE_HOUR = timedelta(hours=1)


def schedule(*times: str) -> Element:
    slots = [make("Slot", make("Slot_Id", f"s{place}"), make("VisitTime", text)) for place, text in enumerate(times)]
    return make("GetScheduleInfoResponse", make("Session_ID", str(KEY)), make("Slots", *slots))


@pytest.mark.parametrize(
    "message",
    [
        wire.patient_info_request(KEY, ANNA, with_referrals=True),
        wire.patient_info_request(KEY, replace(BORIS, snils=None), with_referrals=False),
        wire.referral_info_request(KEY, ANNA, "40-000017"),
        wire.schedule_request(KEY, DENTIST.resource, first=date(2026, 11, 22), last=date(2026, 12, 5)),
        wire.schedule_request(KEY, CARDIOLOGIST.resource, first=date(2026, 11, 22), last=date(2026, 12, 5)),
        wire.create_request(KEY, DENTIST.slot(8), DENTIST.resource),
        *(wire.cancel_request(KEY, DENTIST.slot(8), reason) for reason in CancelReason),
    ],
)
def test_what_we_ask_is_in_order_by_the_schema(message: Element) -> None:
    assert schema()(read_message(write_message(message)))


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=40), st.sampled_from(Sex))
def test_any_name_is_said_as_it_is_or_not_at_all(name: str, sex: Sex) -> None:
    patient = replace(ANNA, family_name=name, sex=sex)
    try:
        message = wire.patient_info_request(KEY, patient, with_referrals=False)
    except Unsayable:
        return
    assert (message.findtext("{*}Patient_Data/{*}Last_Name") or "") == name


@given(st.text(min_size=1, max_size=20).filter(lambda text: "|" not in text), st.text(min_size=1, max_size=40))
def test_a_resource_has_one_key_and_shows_itself_to_nobody(post_id: str, value: str) -> None:
    name = ResourceName(post_id, "room", value)
    assert ResourceName.parse(name.key) == name
    secret = ResourceName(post_id, "snils", "11223344595")
    assert "11223344595" not in repr(secret) + repr(Resource(CLINIC, secret.key))


@pytest.mark.parametrize("key", ["", "|", "1", "1|snils", "1|snils|", "|snils|1", "1|oid|1"])
def test_another_key_is_not_read(key: str) -> None:
    with pytest.raises(Unsayable):
        ResourceName.parse(key)


def test_a_visit_lasts_until_the_next_one_may_begin_and_no_longer_than_we_say() -> None:
    def lengths(longest: timedelta, *times: str) -> list[timedelta]:
        return [one.ends_at - one.starts_at for one in wire.read_slots(schedule(*times), longest=longest)]

    eight, ten_past, nine = "2026-11-23T08:00:00+03:00", "2026-11-23T08:10:00+03:00", "2026-11-23T09:00:00+03:00"
    assert lengths(WHOLE_HOUR, nine, eight, ten_past) == [timedelta(minutes=10)] * 3
    assert lengths(timedelta(minutes=20), nine, eight) == [timedelta(minutes=20)] * 2
    assert lengths(WHOLE_HOUR, eight, eight) == [WHOLE_HOUR] * 2
    assert lengths(WHOLE_HOUR) == []


def test_a_time_keeps_its_instant_whatever_its_offset() -> None:
    kamchatka, utc = wire.read_slots(
        schedule("2026-11-23T08:00:00.000+12:00", "2026-11-22T20:30:00Z"), longest=WHOLE_HOUR
    )
    assert kamchatka == OutsideSlot("s0", datetime(2026, 11, 22, 20, tzinfo=UTC), utc.starts_at, None)


@pytest.mark.parametrize("text", ["2026-11-23T24:00:00+03:00", "0001-01-01T00:00:00+12:00"])
def test_a_time_that_the_schema_allows_and_no_clock_shows_is_none(text: str) -> None:
    answer = schedule(text)
    assert schema()(answer)
    with pytest.raises(NotAValue):
        wire.read_slots(answer, longest=WHOLE_HOUR)


@pytest.mark.parametrize("text", ["2026-11-23T08:00:00", "2026-02-30T08:00:00+03:00", "23.11.2026 08:00"])
def test_a_time_without_an_offset_is_not_in_order_by_the_schema(text: str) -> None:
    assert not schema()(schedule(text))


def test_a_session_id_and_an_error_are_said_where_they_stand() -> None:
    answer = make(
        "CreateAppointmentResponse", make("Session_ID", str(KEY)), make("Error", make("Error_Code", "SLOT_TAKEN"))
    )
    assert (said(answer, "Session_ID"), wire.error_code(answer)) == (str(KEY), "SLOT_TAKEN")
    assert wire.error_code(schedule()) is None
