"""Names as they are heard: lenient in writing, never by likeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.names import FullName, is_same_name

ANNA = FullName("Ёлкина-Римская", "Анна", "Сергеевна")
WORDS = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=12)


@pytest.mark.parametrize(
    "said",
    [
        FullName("ЁЛКИНА-РИМСКАЯ", "АННА", "СЕРГЕЕВНА"),
        FullName("елкина-римская", "анна", "сергеевна"),
        FullName("Елкина Римская", "Анна", "Сергеевна"),
        FullName(" Ёлкина \N{EN DASH} Римская ", "Анна ", None),
        FullName("Елкина\N{NON-BREAKING HYPHEN}Римская", "Анна", ""),
    ],
)
def test_what_sounds_alike_and_is_written_otherwise_is_one_name(said: FullName) -> None:
    assert is_same_name(said, ANNA)
    assert is_same_name(ANNA, said)


def test_a_letter_put_together_of_two_is_the_same_letter() -> None:
    assert is_same_name(
        FullName("Зайцев", "Сергеи\N{COMBINING BREVE}"), FullName("Заи\N{COMBINING BREVE}цев", "Сергей")
    )


@pytest.mark.parametrize(
    "said",
    [
        FullName("Ёлкина", "Анна", "Сергеевна"),
        FullName("ЁлкинаРимская", "Анна", "Сергеевна"),
        FullName("Римская-Ёлкина", "Анна", "Сергеевна"),
        FullName("Ёлкина-Римская", "Аня", "Сергеевна"),
        FullName("Ёлкина-Римская", "Анна", "Сергевна"),
        FullName("Ёлкина-Римскaя", "Анна", "Сергеевна"),  # a Latin a
        FullName("Ёлкина-Римская", "", "Сергеевна"),
        FullName("", "", ""),
        FullName("-", "-"),
        FullName("Ёлкина-Римская", "Анна", "Иванова"),
        FullName("а" * 101, "Анна"),
        FullName("Ёлкина-Римская", "Анна", "а" * 101),  # no more said than an empty one, but not unsaid
    ],
)
def test_another_letter_is_another_person(said: FullName) -> None:
    assert not is_same_name(said, ANNA)


def test_what_is_empty_or_too_long_is_nobodys_name_not_even_its_own() -> None:
    for name in (FullName("", ""), FullName("а" * 101, "б"), FullName("а", " - ")):
        assert not is_same_name(name, name)


@given(family=WORDS, given_name=WORDS, other=WORDS)
def test_a_name_is_its_own_in_any_case_and_no_others(family: str, given_name: str, other: str) -> None:
    kept = FullName(family, given_name)
    assert is_same_name(FullName(family.upper(), given_name.title()), kept)
    if other.replace("ё", "е") != family.replace("ё", "е"):
        assert not is_same_name(FullName(other, given_name), kept)
