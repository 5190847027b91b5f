import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sms_segments import Encoding, segments_of
from tests.notifications.patience import PATIENT

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà"
ESCAPED = "\f^{}\\[~]|€"
texts = st.one_of(
    st.text(max_size=400), st.text(alphabet=GSM + ESCAPED, max_size=700), st.text(alphabet="аб🚑€", max_size=400)
)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", Encoding.GSM_7, 0, 1),
        ("a" * 160, Encoding.GSM_7, 160, 1),
        ("a" * 161, Encoding.GSM_7, 161, 2),
        ("a" * 306, Encoding.GSM_7, 306, 2),
        ("a" * 307, Encoding.GSM_7, 307, 3),
        ("€" * 80, Encoding.GSM_7, 160, 1),
        ("€" * 81, Encoding.GSM_7, 162, 2),
        ("€" * 152, Encoding.GSM_7, 304, 2),
        ("€" * 153, Encoding.GSM_7, 306, 3),  # 76 of a segment, for an escape is not cut off
        ("я" * 70, Encoding.UCS_2, 70, 1),
        ("я" * 71, Encoding.UCS_2, 71, 2),
        ("я" * 134, Encoding.UCS_2, 134, 2),
        ("я" * 135, Encoding.UCS_2, 135, 3),
        ("🚑" * 35, Encoding.UCS_2, 70, 1),
        ("🚑" * 36, Encoding.UCS_2, 72, 2),
        ("🚑" * 66, Encoding.UCS_2, 132, 2),
        ("🚑" * 67, Encoding.UCS_2, 134, 3),  # 33 of a segment, for a pair is not torn
        ("a" * 159 + "я", Encoding.UCS_2, 160, 3),
        ("`", Encoding.UCS_2, 1, 1),
        ("ç", Encoding.UCS_2, 1, 1),
    ],
)
def test_known_lengths(text: str, encoding: Encoding, units: int, count: int) -> None:
    found = segments_of(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_the_basic_alphabet_has_its_127_characters_and_an_escape() -> None:
    every = [chr(number) for number in range(0x3000) if segments_of(chr(number)).encoding is Encoding.GSM_7]
    assert len([one for one in every if segments_of(one).units == 1]) == 127
    assert {one for one in every if segments_of(one).units == 2} == set(ESCAPED)


def units_of(part: str, encoding: Encoding) -> int:
    if encoding is Encoding.UCS_2:
        return len(part.encode("utf-16-be", "surrogatepass")) // 2
    return len(part) + sum(part.count(one) for one in ESCAPED)


@PATIENT
@given(texts)
def test_the_parts_are_the_text_and_each_has_room(text: str) -> None:
    found = segments_of(text)
    alone, of_several = (160, 153) if found.encoding is Encoding.GSM_7 else (70, 67)
    assert "".join(found.parts) == text
    assert found.units == sum(units_of(part, found.encoding) for part in found.parts)
    room = alone if found.count == 1 else of_several
    assert all(units_of(part, found.encoding) <= room for part in found.parts)


@PATIENT
@given(texts)
def test_no_part_could_take_the_first_character_of_the_next(text: str) -> None:
    found = segments_of(text)
    of_several = 153 if found.encoding is Encoding.GSM_7 else 67
    for part, following in zip(found.parts, found.parts[1:], strict=False):
        assert units_of(part + following[0], found.encoding) > of_several


@PATIENT
@given(texts, st.text(max_size=3))
def test_more_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert segments_of(text + more).count >= segments_of(text).count
