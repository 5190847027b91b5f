import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.language import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ru"),
        ("", "ru"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("EN", "en"),
        ("ru,en", "ru"),
        ("en;q=0.9, ru;q=0.8", "en"),
        ("en;q=0.8, ru-RU", "ru"),
        ("de, fr", "ru"),
        ("en;q=0", "ru"),
        ("en;q=x", "ru"),
        ("en;q=nan", "ru"),
    ],
)
def test_english_only_where_it_is_preferred(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


@given(st.text())
def test_any_header_gives_a_language(header: str) -> None:
    assert preferred_language(header) in {"ru", "en"}
