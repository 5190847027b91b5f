from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.policy.errors import EnpInvalid
from backend.policy.rules import encode_birth_and_sex, is_valid_enp
from backend.policy.values import Enp
from backend.profile.values import Sex

VECTORS = [
    ("7756410835001233", date(1985, 3, 14), Sex.MALE),
    ("5067050868000013", date(1949, 12, 31), Sex.FEMALE),
    ("1697789720000771", date(2012, 2, 29), Sex.MALE),
    ("5458999798000427", date(2000, 1, 1), Sex.FEMALE),
]


@pytest.mark.parametrize(("digits", "birth_date", "sex"), VECTORS)
def test_accepts_the_vectors_and_reads_whom_they_were_given_to(digits: str, birth_date: date, sex: Sex) -> None:
    assert not Enp(digits).differs_from(birth_date, sex)


@pytest.mark.parametrize(("digits", "birth_date", "sex"), VECTORS)
def test_notices_another_date_or_sex(digits: str, birth_date: date, sex: Sex) -> None:
    other_sex = Sex.FEMALE if sex is Sex.MALE else Sex.MALE
    assert Enp(digits).differs_from(birth_date, other_sex)
    assert Enp(digits).differs_from(birth_date.replace(year=birth_date.year + 4), sex)


@pytest.mark.parametrize("text", ["7756 4108 3500 1233", "7756\N{NO-BREAK SPACE}410835001233", " 7756410835001233 "])
def test_reads_an_enp_written_in_groups(text: str) -> None:
    assert Enp.parse(text) == Enp("7756410835001233")


@pytest.mark.parametrize(
    "text", ["", "775641083500123", "77564108350012333", "7756410835001234", "7756-4108-3500-1233", "٧٧٥٦٤١٠٨٣٥٠٠١٢٣٣"]
)
def test_refuses_what_is_not_an_enp(text: str) -> None:
    with pytest.raises(EnpInvalid):
        Enp.parse(text)


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_every_corruption_of_one_digit_is_caught(number: int, place: int, shift: int) -> None:
    start = f"{number:015}"
    (valid,) = [digits for last in range(10) if is_valid_enp(digits := f"{start}{last}")]
    wrong = valid[:place] + str((int(valid[place]) + shift) % 10) + valid[place + 1 :]
    assert not is_valid_enp(wrong)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(Sex))
def test_the_encoding_of_birth_and_sex_can_be_read_back(birth_date: date, sex: Sex) -> None:
    plain = "".join(str(9 - int(digit)) for digit in encode_birth_and_sex(birth_date, sex))
    month, year, day = int(plain[:2]) % 20, int(plain[5:1:-1]), int(plain[6:]) % 50
    assert (date(year, month, day), int(plain[6:]) > 50) == (birth_date, sex is Sex.MALE)
    assert int(plain[:2]) // 20 == (1 if year <= 1950 else 2 if year <= 2000 else 0)


def test_a_policy_number_does_not_show_itself() -> None:
    assert "7756410835001233" not in repr(Enp("7756410835001233"))
