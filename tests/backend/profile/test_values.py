import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.profile.errors import PhoneInvalid, SnilsInvalid
from backend.profile.values import Phone, Snils
from tests.factories.people import checked_snils_numbers, snils_for

VALID = ["112-233-445 95", "087-654-303 00", "206-130-059 00", "100-356-259 00", "544-544-369 00"]


@pytest.mark.parametrize("text", VALID)
def test_accepts_the_published_snils_and_writes_it_back(text: str) -> None:
    assert Snils.parse(text).formatted() == text
    assert Snils.parse(text) == Snils(text.replace("-", "").replace(" ", ""))


@pytest.mark.parametrize("text", ["112-233-445 95", "112-233-445-95", "11223344595", " 112233445 95 "])
def test_reads_every_way_of_writing_a_snils(text: str) -> None:
    assert Snils.parse(text).digits == "11223344595"


@pytest.mark.parametrize("text", ["000-000-600 06", "001-001-998 00", "001-001-998 99"])
def test_numbers_before_the_check_number_are_not_checked(text: str) -> None:
    assert Snils.parse(text).formatted() == text


@pytest.mark.parametrize(
    "text",
    [
        "112-233-445 96",
        "001-001-999 00",
        "000-000-000 00",
        "112-233-445 9",
        "112-233-445 955",
        "112.233.445 95",
        "١١٢-٢٣٣-٤٤٥ ٩٥",
        "",
        "1122334459a",
    ],
)
def test_refuses_what_is_not_a_snils(text: str) -> None:
    with pytest.raises(SnilsInvalid):
        Snils.parse(text)
    with pytest.raises(SnilsInvalid):
        Snils(text)


@given(checked_snils_numbers(), st.integers(0, 8), st.integers(1, 9))
def test_a_wrong_digit_of_the_number_is_caught(number: int, place: int, shift: int) -> None:
    digits = snils_for(number)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assume(int(wrong[:9]) > 1_001_998)
    change = (int(wrong[place]) - int(digits[place])) * (9 - place)
    assume({_check_total(digits) % 101, (_check_total(digits) + change) % 101} != {0, 100})
    with pytest.raises(SnilsInvalid):
        Snils(wrong)


@given(checked_snils_numbers(), st.integers(1, 99))
def test_a_wrong_check_number_is_caught(number: int, shift: int) -> None:
    digits = snils_for(number)
    with pytest.raises(SnilsInvalid):
        Snils(f"{digits[:9]}{(int(digits[9:]) + shift) % 100:02}")


def _check_total(digits: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))


@pytest.mark.parametrize("text", ["89105550117", "+7(910)5550117", "+7 910 555-01-17", "8 (910) 555 01 17"])
def test_a_phone_is_kept_in_e164(text: str) -> None:
    assert Phone.parse(text).e164 == "+79105550117"


@pytest.mark.parametrize(
    "text", ["", "9105550117", "+7910555011", "+791055501170", "+380441234567", "8910555011x", "٨٩١٠٥٥٥٠١١٧"]
)
def test_refuses_what_is_not_a_russian_phone(text: str) -> None:
    with pytest.raises(PhoneInvalid):
        Phone.parse(text)


@pytest.mark.parametrize("text", ["89105550117", "+7(910)5550117", "+7910555011", ""])
def test_a_phone_value_is_e164_only(text: str) -> None:
    with pytest.raises(PhoneInvalid):
        Phone(text)


def test_identifiers_do_not_show_themselves() -> None:
    assert "11223344595" not in repr(Snils("11223344595"))
    assert "9105550117" not in repr(Phone("+79105550117"))
