from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.outside_comparison import KeptSlot, Reception, compare, receptions
from backend.booking.ports import OutsideSlot

START = datetime(2026, 11, 23, 5, tzinfo=UTC)
VISIT = timedelta(minutes=20)
CHANNELS = 14

names = st.sampled_from("abcde")
places = st.integers(0, 4)
told_slots = st.lists(st.tuples(names, places), max_size=6).map(
    lambda pairs: [OutsideSlot(name, START + place * VISIT, START + (place + 1) * VISIT, "12") for name, place in pairs]
)
kept_slots = st.lists(
    st.tuples(st.one_of(st.none(), names), places, st.sampled_from([0, CHANNELS])),
    max_size=5,
    unique_by=(lambda one: one[1], lambda one: one[0] or one[1]),
).map(
    lambda rows: [
        KeptSlot(uuid7(), name, START + place * VISIT, START + (place + 1) * VISIT, "12", channels)
        for name, place, channels in rows
    ]
)


@settings(max_examples=300)
@given(kept_slots, told_slots)
def test_after_the_changes_what_is_given_out_is_what_is_told(kept: list[KeptSlot], told: list[OutsideSlot]) -> None:
    compared = compare(kept, told, channels=CHANNELS)
    rows = {one.id: one for one in kept}
    free = {(rows[one].external_id, rows[one].starts_at) for one in compared.unchanged}
    free |= {(one.external_id, one.starts_at) for _, one in (*compared.changed, *compared.renamed)}
    free |= {(one.external_id, one.starts_at) for one in compared.new}
    first_by_start = {one.starts_at: one for one in sorted(told, key=lambda one: one.external_id, reverse=True)}
    assert free == {(one.external_id, one.starts_at) for one in first_by_start.values()}
    met = [*compared.unchanged, *(slot_id for slot_id, _ in compared.changed), *compared.gone]
    assert sorted(met) == sorted(rows)
    assert {slot_id for slot_id, _ in compared.renamed} | set(compared.named_anew) <= set(compared.gone)
    assert [one for one in compared.unchanged if rows[one].channels == 0] == []


@settings(max_examples=50)
@given(told_slots)
def test_comparing_again_changes_nothing(told: list[OutsideSlot]) -> None:
    new = compare([], told, channels=CHANNELS).new
    kept = [KeptSlot(uuid7(), one.external_id, one.starts_at, one.ends_at, one.room, CHANNELS) for one in new]
    again = compare(kept, told, channels=CHANNELS)
    assert sorted(again.unchanged) == sorted(one.id for one in kept)
    assert (again.changed, again.renamed, again.new, again.gone, again.named_anew) == ([], [], [], [], [])


def test_a_reception_reaches_from_the_first_start_to_the_last_end_by_the_clinics_clock() -> None:
    kamchatka = ZoneInfo("Asia/Kamchatka")
    evening = datetime(2026, 11, 23, 23, 40, tzinfo=kamchatka).astimezone(UTC)
    slots = [
        OutsideSlot("b", evening, evening + VISIT, None),
        OutsideSlot("a", evening - 2 * VISIT, evening - VISIT, None),
    ]
    assert receptions(slots, kamchatka) == {date(2026, 11, 23): Reception(time(23), time(23, 59, 59), 20)}
    assert receptions(slots, ZoneInfo("Europe/Moscow")) == {date(2026, 11, 23): Reception(time(14), time(15), 20)}


def test_a_reception_on_the_night_when_the_clock_goes_back_still_ends_after_it_begins() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50, ten minutes before it is 02:00 again
    one = OutsideSlot("a", before, before + VISIT, None)
    assert receptions([one], berlin)[date(2026, 10, 25)] == Reception(time(2, 50), time(23, 59, 59), 20)
