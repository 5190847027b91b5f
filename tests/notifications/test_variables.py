from collections import Counter
from datetime import datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.examples import example_of
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN, Form, read_given
from notifications.variables import LANGUAGES, VARIABLES, Language, variables_of, write_out
from tests.notifications.patience import PATIENT

VISIT = example_of(MessageKind.APPOINTMENT_REPLACEMENT_OFFERED)


def written(language: Language, *names: str, **parameters: str) -> dict[str, str | int]:
    return write_out(read_given({**VISIT, **parameters}), names, language)


def test_an_instant_is_written_in_the_named_zone() -> None:
    kamchatka = {"starts_at": "2026-11-23T21:30:00+00:00", "zone": "Asia/Kamchatka"}
    assert written("ru", "date", "day", "time", "place_of_time", **kamchatka) == {
        "date": "вторник, 24 ноября 2026\N{NARROW NO-BREAK SPACE}г.",
        "day": "24 ноября",
        "time": "09:30",
        "place_of_time": "Петропавловск-Камчатский",
    }
    assert written("en", "day", "time", "place_of_time", **{**kamchatka, "zone": "Asia/Kolkata"}) == {
        "day": "November 24",
        "time": "03:00",
        "place_of_time": "Kolkata",
    }


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        ("2026-10-25T00:30:00+00:00", "02:30"),  # summer time in Berlin, the first 02:30
        ("2026-10-25T01:30:00+00:00", "02:30"),
        ("2026-03-29T01:00:00+00:00", "03:00"),
    ],
)
def test_a_change_of_summer_time_abroad_is_the_zones_own(at: str, clock: str) -> None:
    assert written("ru", "time", starts_at=at, zone="Europe/Berlin") == {"time": clock}


def test_other_instants_have_their_own_names() -> None:
    assert written("ru", "offered_day", "offered_time", "deadline_time") == {
        "offered_day": "25 ноября",
        "offered_time": "10:20",
        "deadline_time": "18:00",
    }


def test_a_day_may_end_a_sentence_in_russian() -> None:
    values = read_given({"due_on": "2026-12-31", "first_on": "2026-12-30", "last_on": "2027-01-02"})
    assert write_out(values, ["due_date", "due_day", "dates"], "ru") == {
        "due_date": "31 декабря 2026\N{NARROW NO-BREAK SPACE}года",
        "due_day": "31 декабря",
        "dates": "30 дек. 2026\N{NARROW NO-BREAK SPACE}г. – 2 янв. 2027\N{NARROW NO-BREAK SPACE}года",
    }
    assert write_out(values, ["due_date"], "en") == {"due_date": "December 31, 2026"}


def test_what_has_two_languages_is_read_in_the_readers() -> None:
    assert written("ru", "specialty") == {"specialty": "кардиолог"}
    assert written("en", "specialty") == {"specialty": "cardiologist"}


def test_a_count_stays_a_number_for_its_plural() -> None:
    assert write_out(read_given({"days": "21"}), ["days"], "ru") == {"days": 21}


def test_what_cannot_be_made_is_left_out() -> None:
    assert write_out(read_given({"due_on": "2026-12-31"}), ["due_date", "days", "nobody"], "ru").keys() == {"due_date"}
    assert write_out(read_given({"starts_at": VISIT["starts_at"]}), ["time"], "ru") == {}


def test_no_two_parameters_make_one_variable() -> None:
    stems = Counter(
        f"{name.rpartition('_')[0]}_date" for name, one in KNOWN.items() if one.form in {Form.DATE, Form.INSTANT}
    )
    assert max(stems.values()) == 1
    assert len(VARIABLES) == 2 + sum(
        {Form.INSTANT: 3, Form.DATE: 2, Form.ZONE: 0, Form.IDENTIFIER: 0}.get(one.form, 1)
        for name, one in KNOWN.items()
        if not name.endswith("_en")
    )


def test_a_variable_tells_as_much_as_what_it_is_made_of() -> None:
    for variable in VARIABLES.values():
        assert {KNOWN[name].sensitivity for name in variable.parameters} == {variable.sensitivity}


@pytest.mark.parametrize("kind", MessageKind)
def test_every_variable_of_a_kind_can_be_written(kind: MessageKind) -> None:
    names = variables_of(PARAMETERS[kind])
    for language in LANGUAGES:
        assert write_out(read_given(example_of(kind)), names, language).keys() == names.keys()


@PATIENT
@given(
    at=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2090, 1, 1)),  # noqa: DTZ001 # of the zone drawn
    zone=st.sampled_from(sorted(available_timezones())),
    language=st.sampled_from(LANGUAGES),
)
def test_any_instant_is_written_in_any_zone(at: datetime, zone: str, language: Language) -> None:
    found = written(language, "date", "day", "time", "place_of_time", starts_at=f"{at.isoformat()}+00:00", zone=zone)
    assert all(found.values())
    assert len(str(found["time"])) == 5
