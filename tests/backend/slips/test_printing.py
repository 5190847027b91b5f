"""Slips are read back: the text out of the PDF, and the code out of its picture."""

from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.booking.states import AppointmentStatus
from backend.booking.values import Appointment
from backend.slips.printing import initials_of, print_slip
from identity.language import Language
from tests.factories.calendars import make_visit

REFERENCE = "QXBwb2ludG1lbnQ6AZ3l0m5ReQ6z8wJ1oXq7Ag=="
MM = 72 / 25.4


def printed(visit: Appointment, *, language: Language = "ru") -> bytes:
    return print_slip(visit, reference=REFERENCE, initials="А. П. С.", language=language)


def words_of(pdf: bytes) -> str:
    """Return the text of a slip, its words apart by one space each."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_bounded().split())


def codes_of(pdf: bytes) -> list[str]:
    """Return what a scanner reads from the paper: 203 dots an inch, as thermal printers have."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=203 / 72, grayscale=True).to_numpy()
    return [one.text for one in zxingcpp.read_barcodes(picture)]


def test_a_slip_says_when_where_and_with_whom() -> None:
    words = words_of(printed(make_visit()))
    for part in (
        *("Запись на приём", "10:00", "01.12.2026, вт", "время местное, UTC+3", "врач-психиатр"),
        *("Серова Ирина Львовна", "Кабинет 12", "Психоневрологический", "+74842000000", "Пациент: А. П. С."),
        *("Возьмите с собой: паспорт и полис ОМС",),
    ):
        assert part in words


def test_a_slip_in_english() -> None:
    words = words_of(printed(make_visit(), language="en"))
    for part in ("Appointment", "Tue, 01.12.2026", "local time, UTC+3", "psychiatrist", "Room 12", "Patient: А. П. С."):
        assert part in words


def test_the_code_holds_the_reference_and_nothing_else() -> None:
    assert codes_of(printed(make_visit())) == [REFERENCE]


def test_a_slip_fits_the_paper_of_a_kiosk() -> None:
    width, height = pypdfium2.PdfDocument(printed(make_visit()))[0].get_size()
    assert width == pytest.approx(72 * MM, abs=0.5)
    assert height < 160 * MM


def test_the_same_facts_are_the_same_bytes() -> None:
    visit = make_visit()
    assert printed(visit) == printed(visit)


@pytest.mark.parametrize(
    ("time_zone", "time", "offset"),
    [
        ("Europe/Kaliningrad", "22:30", "UTC+2"),
        ("Asia/Kamchatka", "08:30", "UTC+12"),
        ("Europe/Berlin", "22:30", "UTC+2"),
        ("Asia/Kolkata", "02:00", "UTC+5:30"),
        ("America/St_Johns", "18:00", "UTC-2:30"),
    ],
)
def test_the_clock_is_the_clinics_and_says_so(time_zone: str, time: str, offset: str) -> None:
    words = words_of(printed(make_visit(starts_at=datetime(2026, 7, 1, 20, 30, tzinfo=UTC), time_zone=time_zone)))
    assert f"{time} " in words
    assert f"{offset} " in words


@pytest.mark.parametrize(("status", "said"), [(AppointmentStatus.CONFIRMED, False), (AppointmentStatus.UNKNOWN, True)])
def test_what_the_clinic_has_not_confirmed_is_said_to_be_so(status: AppointmentStatus, *, said: bool) -> None:
    assert ("ещё не подтвердила" in words_of(printed(make_visit(status=status)))) is said


MARKUP = (
    '#panic("x")',
    "#read('/etc/passwd')",
    "*жирный*",
    "$x^2$",
    "<script>",
    "= Заголовок",
    "\\u{0}",
    "```",
    '"; #',
    "#{",
)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(MARKUP) | st.text(st.characters(codec="utf-8"), max_size=40), min_size=4, max_size=4))
def test_what_others_wrote_is_words_and_never_markup(parts: list[str]) -> None:
    doctor, clinic, specialty, room = parts
    assert codes_of(printed(make_visit(doctor=doctor, clinic=clinic, specialty=specialty, room=room))) == [REFERENCE]


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_is_printed_as_it_is_written(markup: str) -> None:
    assert markup in words_of(printed(make_visit(doctor=markup)))


def test_a_slip_of_long_words_is_still_one_page() -> None:
    pdf = printed(make_visit(clinic="Государственное бюджетное учреждение здравоохранения " * 6, doctor="Я" * 90))
    assert codes_of(pdf) == [REFERENCE]
    letters = "".join(filter(str.isalpha, words_of(pdf)))  # long words are divided
    assert letters.count("Государственноебюджетное") == 6


@pytest.mark.parametrize(
    ("names", "initials"),
    [
        (("Анна", "Петровна", "Соколова"), "А. П. С."),
        (("Ли", None, "юн"), "Л. Ю."),
        (("", " ", "\n"), ""),
    ],
)
def test_of_a_name_only_first_letters_are_printed(names: tuple[str | None, ...], initials: str) -> None:
    assert initials_of(*names) == initials
