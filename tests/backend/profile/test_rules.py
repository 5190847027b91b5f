from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.profile.rules import age_in_years


@pytest.mark.parametrize(
    ("birth_date", "now", "time_zone", "age"),
    [
        (date(2008, 11, 23), datetime(2026, 11, 22, 20, 59, tzinfo=UTC), "Europe/Moscow", 17),
        (date(2008, 11, 23), datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "Europe/Moscow", 18),
        (date(2008, 11, 23), datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "Asia/Kamchatka", 18),
        (date(2008, 11, 23), datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "Europe/Kaliningrad", 17),
        (date(2008, 2, 29), datetime(2026, 2, 28, 12, 0, tzinfo=UTC), "Europe/Moscow", 17),
        (date(2008, 2, 29), datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "Europe/Moscow", 18),
    ],
)
def test_a_year_is_full_on_the_birthday_in_the_persons_own_zone(
    birth_date: date, now: datetime, time_zone: str, age: int
) -> None:
    assert age_in_years(birth_date, now=now, time_zone=time_zone) == age


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 100))
def test_age_grows_by_one_on_every_birthday(birth_date: date, years: int) -> None:
    year = birth_date.year + years
    day = birth_date.day if (birth_date.month, birth_date.day) != (2, 29) else 28
    noon = datetime(year, birth_date.month, day, 12, tzinfo=UTC)
    next_year = noon.replace(year=year + 1)
    before, after = (age_in_years(birth_date, now=now, time_zone="UTC") for now in (noon, next_year))
    assert after - before in ({1} if birth_date.day == day else {0, 1, 2})
    assert before in {years, years - 1}
