"""Scalars, ids, cursors, the catalogue and refusals as data."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import NotFound
from backend.services import Services
from graphql_schema import scalars
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.connections import decode_cursor, encode_cursor, page_size
from graphql_schema.context import Context
from graphql_schema.error_codes import UserErrorCode
from graphql_schema.errors import BadCursor, PageSizeRefused, RefusedError, user_errors
from graphql_schema.node import decode_id, encode_id, split_id
from identity.errors import AccessRefused, NotSignedIn, TokenRefused
from tests.graphql_schema.endpoint import CATALOGUE, NOW

UUID_1 = UUID("0198d7a0-0000-7000-8000-000000000001")
ROOT = Path(__file__).parents[2]


def _context(language: Any = "ru") -> Context:
    return Context(
        services=object.__new__(Services),  # no service is asked
        catalogue=CATALOGUE,
        clock=lambda: NOW,
        language=language,
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T09:00:00+03:00", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("2026-11-22T09:00:00.25-01:30", datetime(2026, 11, 22, 10, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_reads_an_instant_with_its_offset(text: str, instant: datetime) -> None:
    assert scalars.parse_date_time(text) == instant


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T09:00:00",
        "2026-11-22",
        "20261122T090000Z",
        "2026-11-22 09:00:00Z",
        "2026-02-30T09:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2026-11-22T09:00:00+99:99",
        "٢٠٢٦-11-22T09:00:00Z",
        1_700_000_000,
        None,
        "2" * 5_000,
    ],
)
def test_refuses_an_instant_without_an_offset_or_form(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_date_time(value)


def test_writes_an_instant_with_its_own_offset_and_never_a_naive_one() -> None:
    moscow = timezone(timedelta(hours=3))

    assert scalars.write_date_time(datetime(2026, 11, 22, 9, tzinfo=moscow)) == "2026-11-22T09:00:00+03:00"
    with pytest.raises(ValueError, match="without an offset"):
        scalars.write_date_time(datetime(2026, 11, 22, 9))  # noqa: DTZ001 # naive on purpose


@pytest.mark.parametrize("value", ["20260101", "2026-W01-1", "2026-1-1", "2026-02-29", "2026-01-01T00:00:00Z", 5, ""])
def test_refuses_a_date_that_is_not_in_the_extended_form(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_date(value)


def test_reads_a_date() -> None:
    assert scalars.parse_date("2026-01-01") == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("P2W", timedelta(weeks=2)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("-PT1M", timedelta(minutes=-1)),
    ],
)
def test_reads_a_duration(text: str, span: timedelta) -> None:
    assert scalars.parse_duration(text) == span


@pytest.mark.parametrize("value", ["P1Y", "P1M", "P", "PT", "P1DT", "1H", "PT1H30", "PT" + "9" * 30 + "S", 30])
def test_refuses_a_duration_of_no_fixed_length_or_form(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_duration(value)


@given(st.timedeltas(min_value=timedelta(days=-99_999), max_value=timedelta(days=99_999)))
def test_a_duration_survives_the_wire(span: timedelta) -> None:
    assert scalars.parse_duration(scalars.write_duration(span)) == span


@pytest.mark.parametrize("value", ["84842000000", "+7 484 200-00-00", "+7", "+0000", "8-800", 5])
def test_refuses_a_telephone_number_that_is_not_e164(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_phone_number(value)


def test_reads_a_telephone_number() -> None:
    assert scalars.parse_phone_number("+74842000000") == "+74842000000"


@pytest.mark.parametrize("value", ["javascript:alert(1)", "/relative", "http://", "https://[::1", "https://a b", 5])
def test_refuses_what_is_no_web_address(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_url(value)


@pytest.mark.parametrize("value", ["{0198d7a0-0000-7000-8000-000000000001}", UUID_1.hex, UUID_1.urn, "x", 5, None])
def test_refuses_a_uuid_in_another_form(value: object) -> None:
    with pytest.raises(GraphQLError):
        scalars.parse_uuid(value)


def test_numbers_of_people_pass_through_to_be_refused_as_data() -> None:
    assert scalars.parse_snils("not a number") == "not a number"
    assert scalars.parse_enp("1234 5678") == "1234 5678"


def test_every_scalar_names_its_specification() -> None:
    assert [definition.name for definition in scalars.SCALARS.values() if not definition.specified_by_url] == []


def test_a_global_id_is_found_again() -> None:
    assert decode_id(encode_id("Slot", UUID_1), "Slot") == UUID_1
    assert split_id(encode_id("Clinic", UUID_1)) == ("Clinic", UUID_1)


@pytest.mark.parametrize(
    "global_id",
    [
        "",
        "nonsense",
        "ё",
        "=" * 8,
        str(UUID_1),
        encode_id("Clinic", UUID_1),
        encode_id("Slot", UUID_1) + "=",
        encode_id("Slot", UUID_1) + "AAAA",
        encode_id("Slot", UUID_1)[:-2],
        "A" * 10_000,
    ],
)
def test_a_malformed_id_and_one_of_another_type_are_like_a_missing_object(global_id: str) -> None:
    """S36."""
    with pytest.raises(NotFound):
        decode_id(global_id, "Slot")


@given(st.text(max_size=64))
def test_any_text_is_an_id_or_is_not_found(text: str) -> None:
    try:
        name, uuid = split_id(text)
    except NotFound:
        return
    assert encode_id(name, uuid) == text


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=3))
def test_a_cursor_survives_the_wire(parts: list[str]) -> None:
    cursor = encode_cursor(*parts)
    if len(cursor) <= 512:
        assert decode_cursor(cursor, len(parts)) == tuple(parts)


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "ё", encode_cursor("a", "b"), "W1siYSJdXQ", "NQ", "[" * 400, "A" * 10_000]
)
def test_refuses_a_cursor_that_was_not_given(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor, 1)


@pytest.mark.parametrize(("first", "size"), [(None, 20), (1, 1), (100, 100)])
def test_a_page_holds_20_by_default_and_100_at_most(first: int | None, size: int) -> None:
    """S2."""
    assert page_size(first) == size


@pytest.mark.parametrize("first", [0, -1, 101])
def test_refuses_another_page_size(first: int) -> None:
    """S2."""
    with pytest.raises(PageSizeRefused):
        page_size(first)


@pytest.mark.parametrize(
    ("language", "message"), [("ru", "У вас нет прав на это действие."), ("en", "You may not do this.")]
)
def test_a_refusal_becomes_data_in_the_callers_language(language: str, message: str) -> None:
    [error] = user_errors(_context(language), AccessRefused(), otherwise="personId")

    assert error == RefusedError(code=UserErrorCode.ACCESS_REFUSED, message=message, path=["input", "personId"])


@pytest.mark.parametrize("refusal", [NotSignedIn(), TokenRefused()])
def test_a_missing_sign_in_stays_a_top_level_error(refusal: Any) -> None:
    with pytest.raises(type(refusal)):
        user_errors(_context(), refusal)


def test_the_catalogue_is_sorted_and_complete_in_both_languages() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
    for code, entry in CATALOGUE.entries.items():
        assert re.search("[а-яё]", entry.ru), code
        assert re.search("[a-z]", entry.en), code
        assert entry.remedy.endswith("."), code
        assert date.fromisoformat(entry.since), code
        assert "{" not in entry.ru + entry.en, code


def test_every_code_of_the_face_has_its_row() -> None:
    named = {
        code
        for path in (ROOT / "graphql_schema").glob("*.py")
        for code in re.findall(r'(?:refused|Fault|Fault\.of|_error)\(\s*"([A-Z_]+)"', path.read_text())
    }

    assert len(named) >= 15
    assert {code for code in named if code not in CATALOGUE} == set()
    assert {code.value for code in UserErrorCode if code.value not in CATALOGUE} == set()


@pytest.mark.parametrize("text", ["[]", "A: {ru: x}", "A: {ru: x, en: y, remedy: z, since: d, more: 1}", "A: 5"])
def test_refuses_a_catalogue_with_an_incomplete_row(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ErrorCatalogue.parse(text)
