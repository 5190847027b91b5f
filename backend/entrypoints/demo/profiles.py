"""What the doctors and the clinics of the demo region tell of themselves; all of it is made up."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from backend.booking.profile_values import Access, DoctorCategory
from backend.entrypoints.demo.region import DemoClinic, DemoDoctor

_SCHOOLS = (
    "Приокский медицинский университет",
    "Заокский медицинский институт",
    "Северная медицинская академия",
    "Верхневолжский медицинский университет",
)
_COURSES = ("Неотложная помощь", "Дистанционные консультации", "Диспансеризация взрослого населения")
_LANGUAGES = ("en", "de", "tt", "hy", "tg")
_DOCTORS_PROGRAMMES = ("Диспансеризация", "Школа здоровья", "Выезды в дальние посёлки")
_CLINICS_PROGRAMMES = ("Диспансеризация", "Вакцинация", "Льготные лекарства", "Дневной стационар")


def of_doctor(doctor: DemoDoctor, year: int) -> Mapping[str, Any]:
    """Return the row of a doctor's profile, the same each time; nobody began after `year`."""
    rng = random.Random(f"doctor-profile:{doctor.number}")  # noqa: S311 # demo data, not a secret
    since = year - rng.randint(1, 35)
    education = [
        {"institution": rng.choice(_SCHOOLS), "qualification": "Лечебное дело", "year": since - 2},
        {"institution": rng.choice(_SCHOOLS), "qualification": doctor.specialty.name_ru, "year": since},
    ]
    if year - since > 5:
        course = {"institution": rng.choice(_SCHOOLS), "qualification": rng.choice(_COURSES), "year": year - 3}
        education.append(course)
    return {
        "doctor_id": doctor.id,
        "category": _category(year - since),
        "practising_since": since,
        "education": education,
        "languages": ["ru", *rng.sample(_LANGUAGES, rng.choice((0, 0, 1, 1, 2)))],
        "programmes": sorted(rng.sample(_DOCTORS_PROGRAMMES, rng.randint(0, 2))),
    }


def of_clinic(clinic: DemoClinic) -> Mapping[str, Any]:
    """Return the row of a clinic's profile, the same each time."""
    rng = random.Random(f"clinic-profile:{clinic.number}")  # noqa: S311 # demo data, not a secret
    street, minutes = clinic.address.split(", ")[1], rng.randint(2, 9)
    ways = [Access.RAMP, *rng.sample([one for one in Access if one is not Access.RAMP], rng.randint(1, 4))]
    return {
        "clinic_id": clinic.id,
        "hours": list(_hours()),
        "accessibility": [one.value for one in Access if one in ways],
        "directions": f"Автобус {rng.randint(1, 40)}, остановка «{street}», {minutes} минут пешком.",
        "phones": [{"number": f"+7484201{clinic.number:04d}", "purpose": "Вызов врача на дом"}],
        "programmes": sorted(rng.sample(_CLINICS_PROGRAMMES, rng.randint(1, 3))),
    }


def _category(years: int) -> DoctorCategory | None:
    if years < 4:
        return None
    if years < 8:
        return DoctorCategory.SECOND
    return DoctorCategory.FIRST if years < 15 else DoctorCategory.HIGHEST


def _hours() -> Iterator[Mapping[str, Any]]:
    for weekday in range(6):
        closes = "20:00" if weekday < 5 else "15:00"
        yield {"weekday": weekday, "opens": "08:00", "closes": closes}
