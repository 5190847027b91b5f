"""A search is cut where a clinic's clock or what a person may take changes, and nowhere else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.booking.values import Clinic, ClinicId, MedicalOrganisation
from backend.slot_search.eligibility import full_years
from backend.slot_search.parts import Conditions, Part, Window, cut
from backend.slot_search.register import KnownClinic, Limits, Post, Reference, Register

MOMENT = timedelta(microseconds=1)


def register_of(*zones: str) -> Register:
    """Return a register with a clinic in each zone, each with one post."""
    organisation = MedicalOrganisation(uuid7(), "1.2", "Больница")
    ids = [ClinicId(UUID(int=number)) for number in range(len(zones))]
    clinics = [
        KnownClinic(Clinic(one, "1", "П", "у", "К", 54.0, 36.0, zone, "+7", organisation), Limits())
        for one, zone in zip(ids, zones, strict=True)
    ]
    posts = tuple(Post(uuid7(), uuid7(), one, uuid7()) for one in ids)
    return Register(Reference(tuple(clinics), (), (), posts))


def never(_first: date, _last: date) -> Iterator[date]:
    return iter(())


def window(start: str, end: str) -> Window:
    return Window(datetime.fromisoformat(start), datetime.fromisoformat(end))


FORTNIGHT = window("2026-11-22T06:00Z", "2026-12-06T06:00Z")


def test_one_zone_without_changes_is_one_part() -> None:
    register = register_of("Europe/Moscow", "Europe/Moscow")
    assert cut(register, FORTNIGHT, Conditions(lambda _: 0b11, never, by_clock=True)) == [Part(FORTNIGHT, 0b11, 180)]


def test_zones_are_parted_only_where_the_clock_matters() -> None:
    register = register_of("Europe/Kaliningrad", "Asia/Kamchatka")
    by_clock = cut(register, FORTNIGHT, Conditions(lambda _: 0b11, never, by_clock=True))
    assert by_clock == [Part(FORTNIGHT, 0b01, 120), Part(FORTNIGHT, 0b10, 720)]
    assert cut(register, FORTNIGHT, Conditions(lambda _: 0b11, never, by_clock=False)) == [Part(FORTNIGHT, 0b11, 0)]


@pytest.mark.parametrize(
    ("zone", "around", "change", "offsets"),
    [
        ("Europe/Berlin", "2027-03-28", "2027-03-28T01:00Z", (60, 120)),
        ("Europe/Berlin", "2026-10-25", "2026-10-25T01:00Z", (120, 60)),
        ("Australia/Lord_Howe", "2027-04-04", "2027-04-03T15:00Z", (660, 630)),
        ("America/New_York", "2027-03-14", "2027-03-14T07:00Z", (-300, -240)),
    ],
)
def test_a_change_of_the_clock_parts_to_the_minute(
    zone: str, around: str, change: str, offsets: tuple[int, int]
) -> None:
    middle, at = datetime.fromisoformat(around).replace(tzinfo=UTC), datetime.fromisoformat(change)
    whole = Window(middle - timedelta(days=5, seconds=7), middle + timedelta(days=5))
    first, second = cut(register_of(zone), whole, Conditions(lambda _: 1, never, by_clock=True))
    assert first == Part(Window(whole.since, at - MOMENT), 1, offsets[0])
    assert second == Part(Window(at - MOMENT, whole.until), 1, offsets[1])


def test_a_birthday_begins_at_midnight_of_each_clinic() -> None:
    register, birthday = register_of("Europe/Kaliningrad", "Asia/Kamchatka"), date(2026, 11, 27)
    parts = cut(
        register,
        FORTNIGHT,
        Conditions(
            lambda day: 0b11 if day >= birthday else 0,
            lambda first, last: iter([birthday] if first < birthday <= last else []),
            by_clock=False,
        ),
    )
    assert [(part.window.since + MOMENT, part.posts) for part in parts] == [
        (datetime.fromisoformat("2026-11-26T12:00Z"), 0b10),
        (datetime.fromisoformat("2026-11-26T22:00Z"), 0b01),
    ]


def test_nothing_is_asked_of_an_empty_window_or_of_no_posts() -> None:
    register = register_of("Europe/Moscow")
    empty = window("2026-11-22T06:00Z", "2026-11-22T06:00Z")
    assert cut(register, empty, Conditions(lambda _: 1, never, by_clock=True)) == []
    assert cut(register, FORTNIGHT, Conditions(lambda _: 0, never, by_clock=True)) == []


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-11-27", "2026-11-26", 17),
        ("2008-11-27", "2026-11-27", 18),
    ],
)
def test_full_years_on_the_day_of_the_visit(born: str, day: str, years: int) -> None:
    assert full_years(date.fromisoformat(born), date.fromisoformat(day)) == years
