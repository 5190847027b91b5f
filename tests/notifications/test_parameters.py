from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.booking.states import CancelReason
from notifications.examples import example_of
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN, ORDERED, Form, Sensitivity, read, read_given
from notifications.privacy import ALLOWED
from tests.notifications.patience import PATIENT

USED = {name for names in PARAMETERS.values() for name in names}
NAME_OF = {form: next(name for name in sorted(KNOWN) if KNOWN[name].form is form) for form in Form}


def read_one(name: str, text: str) -> object:
    return read({name: text}, expected=[name])[name]


RETIRED: frozenset[str] = frozenset()
"""Known because an older version of a text still names them, though no kind has them any more."""


def test_every_parameter_of_a_kind_is_known_and_every_known_one_is_used() -> None:
    assert set(KNOWN) - RETIRED == USED


def test_every_instant_has_the_zone_it_is_written_in() -> None:
    without = [
        kind
        for kind, names in PARAMETERS.items()
        if any(KNOWN[name].form is Form.INSTANT for name in names) and "zone" not in names
    ]
    assert without == []


def test_a_text_in_one_language_has_its_twin() -> None:
    for names in PARAMETERS.values():
        assert {name[:-3] for name in names if name.endswith("_ru")} == {
            name[:-3] for name in names if name.endswith("_en")
        }


def test_what_may_leave_the_house_has_a_closed_grammar() -> None:
    """So that no free text, whoever wrote it, stands on a lock screen."""
    safe = frozenset[Sensitivity]().union(*ALLOWED.values())
    assert {name for name, one in KNOWN.items() if one.form is Form.TEXT and one.sensitivity in safe} == set()
    assert all(one.words for one in KNOWN.values() if one.form is Form.WORD)


def test_a_reason_is_a_word_of_the_registry() -> None:
    assert KNOWN["reason"].words == {reason.value for reason in CancelReason}


def test_only_what_the_record_of_informing_needs_is_mere_data() -> None:
    assert {name for name, one in KNOWN.items() if one.is_data} == {"campaign_id"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("doctor", "", ""),
        ("code", "012345", "012345"),
        ("days", "0", 0),
        ("days", "021", 21),
        ("due_on", "2026-02-28", date(2026, 2, 28)),
        ("campaign_id", str(UUID(int=7)), str(UUID(int=7))),
        ("starts_at", "2026-11-24T09:30:00+03:00", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("number", "2026-11/000417", "2026-11/000417"),
        ("side", "person", "person"),
        ("zone", "Asia/Kamchatka", ZoneInfo("Asia/Kamchatka")),
    ],
)
def test_what_is_readable(name: str, text: str, value: object) -> None:
    assert read_one(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("code", "12a4"),
        ("code", "123"),
        ("code", "١٢٣٤"),
        ("days", "-1"),
        ("days", "1.5"),
        ("days", ""),
        ("days", "٥"),
        ("days", "1000000"),
        ("due_on", "2026-02-29"),
        ("due_on", "20260228"),
        ("due_on", "2026-02-28T00:00:00"),
        ("campaign_id", "7"),
        ("starts_at", "2026-11-24T09:30:00"),
        ("number", "АБ-1"),
        ("number", "1" * 21),
        ("number", "1--2"),
        ("number", "12\n"),
        ("side", "doctor"),
        ("reason", "кардиолог"),
        ("zone", "Mars/Base"),
        ("zone", ""),
        ("zone", "/etc/passwd"),
        ("zone", "Europe/Moscow\0"),
    ],
)
def test_what_is_not_readable_is_named_but_not_repeated(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^unreadable: {name}$") as caught:
        read_one(name, text)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(("first", "second"), ORDERED)
def test_a_range_runs_forwards(first: str, second: str) -> None:
    low, high = ("2026-12-01", "2026-12-02") if first == "first_on" else ("9", "10")
    assert len(read_given({first: low, second: high})) == len(read_given({first: low, second: low})) == 2
    with pytest.raises(ValueError, match=f"{first} is more than {second}"):
        read_given({first: high, second: low})


@PATIENT
@given(kind=st.sampled_from(MessageKind), data=st.data())
def test_any_other_set_of_names_is_refused_by_its_names(kind: MessageKind, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(KNOWN))))
    parameters = dict.fromkeys(names, "")
    if names != PARAMETERS[kind]:
        with pytest.raises(ValueError, match="missing or unknown") as caught:
            read(parameters, expected=PARAMETERS[kind])
        assert all(name in str(caught.value) for name in names ^ PARAMETERS[kind])


@PATIENT
@given(
    name=st.sampled_from(sorted(NAME_OF.values())),
    text=st.one_of(st.text(max_size=30), st.datetimes().map(str), st.integers().map(str), st.dates().map(str)),
)
def test_reading_gives_a_value_of_the_form_or_no_value(name: str, text: str) -> None:
    with suppress(ValueError):  # of any other kind than this it would be a failure
        value = read_one(name, text)
        kinds = {Form.COUNT: int, Form.DATE: date, Form.INSTANT: datetime, Form.ZONE: ZoneInfo}
        assert isinstance(value, kinds.get(KNOWN[name].form, str))


@PATIENT
@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), minutes=st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_an_instant_is_read_as_the_one_it_was(at: datetime, minutes: int) -> None:
    instant = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_one("starts_at", instant.isoformat()) == instant


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_has_a_readable_example(kind: MessageKind) -> None:
    assert read(example_of(kind), expected=PARAMETERS[kind]).keys() == PARAMETERS[kind]


def test_an_example_takes_other_values_only_of_what_it_has() -> None:
    assert example_of(MessageKind.ERASURE_REQUESTED, days="1") == {"days": "1"}
    with pytest.raises(ValueError, match="welcome has no"):
        example_of(MessageKind.WELCOME, days="1")
