"""The demo region: Калужская область with fictional clinics, and two far ones for their time zones.

Towns and coordinates are written by hand; OIDs lie under the synthetic branch .12.2.40.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from faker.providers.person.ru_RU import Provider as RussianNames

from backend.booking.values import Registry

OID_BRANCH = "1.2.643.5.1.13.13.12.2.40"
DOCTORS_PER_CLINIC = 10
SLOT_MINUTES = 20

_MORNING = (time(8), time(14))
_AFTERNOON = (time(14), time(20))


def demo_id(kind: str, name: object) -> UUID:
    """Return the stable id of one thing of the demo region."""
    return uuid5(NAMESPACE_URL, f"urn:zdorovye:demo:{kind}:{name}")


@dataclass(frozen=True, slots=True)
class DemoSpecialty:
    """A specialty; `direct` without a referral, `attached` for attached people only (domain notes)."""

    code: str
    name_ru: str
    name_en: str
    direct: bool = False
    attached: bool = False
    ages: tuple[int | None, int | None] = (None, None)
    sex: Literal["male", "female"] | None = None


SPECIALTIES = (
    DemoSpecialty("therapist", "Терапевт", "Therapist", direct=True, attached=True, ages=(18, None)),
    DemoSpecialty("paediatrician", "Педиатр", "Paediatrician", direct=True, attached=True, ages=(0, 17)),
    DemoSpecialty("general-practitioner", "Врач общей практики", "General practitioner", direct=True, attached=True),
    DemoSpecialty("dentist", "Стоматолог", "Dentist", direct=True),
    DemoSpecialty("gynaecologist", "Акушер-гинеколог", "Gynaecologist", direct=True, sex="female"),
    DemoSpecialty("ophthalmologist", "Офтальмолог", "Ophthalmologist"),
    DemoSpecialty("otolaryngologist", "Оториноларинголог", "Otolaryngologist"),
    DemoSpecialty("neurologist", "Невролог", "Neurologist"),
    DemoSpecialty("cardiologist", "Кардиолог", "Cardiologist"),
    DemoSpecialty("surgeon", "Хирург", "Surgeon"),
)


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """A clinic; `number` makes its OID, coordinates are degrees WGS 84, `kept_by` is whose times count."""

    number: int
    name: str
    town: str
    address: str
    latitude: float
    longitude: float
    organisation: str = "Калужская областная медицинская организация"
    time_zone: str = "Europe/Moscow"
    for_children: bool = False
    kept_by: Registry = Registry.OWN

    @property
    def oid(self) -> str:
        """Return the number of the synthetic branch."""
        return f"{OID_BRANCH}.{self.number}"

    @property
    def id(self) -> UUID:
        """Return the stable id."""
        return demo_id("clinic", self.number)

    @property
    def phone(self) -> str:
        """Return a number of the fictional range, E.164."""
        return f"+7484200{self.number:04d}"


_OBNINSK = "Обнинская городская медицинская организация"
CLINICS = (
    DemoClinic(1, "Поликлиника № 1", "Калуга", "Калуга, улица Садовая, 1", 54.5138, 36.2612),
    DemoClinic(2, "Поликлиника № 2", "Калуга", "Калуга, улица Лесная, 12", 54.5293, 36.2754),
    DemoClinic(3, "Поликлиника № 3", "Калуга", "Калуга, Полевой переулок, 5", 54.5021, 36.2333),
    DemoClinic(4, "Детская поликлиника", "Калуга", "Калуга, улица Речная, 8", 54.5205, 36.2480, for_children=True),
    DemoClinic(5, "Стоматологическая поликлиника", "Калуга", "Калуга, Яблоневая улица, 3", 54.5340, 36.2510),
    DemoClinic(6, "Городская поликлиника", "Обнинск", "Обнинск, улица Лучистая, 4", 55.0968, 36.6101, _OBNINSK),
    DemoClinic(
        7, "Поликлиника «Заречье»", "Обнинск", "Обнинск, Заречный проезд, 7", 55.1120, 36.5870, _OBNINSK,
        kept_by=Registry.FER,
    ),
    DemoClinic(
        8, "Детская поликлиника", "Обнинск", "Обнинск, улица Ясная, 2", 55.1040, 36.6200, _OBNINSK, for_children=True
    ),
    DemoClinic(9, "Амбулатория", "Износки", "Износки, Центральная улица, 9", 54.9911, 35.3133),
    DemoClinic(
        10, "Врачебная амбулатория", "Мятлево", "Мятлево, Школьная улица, 6", 54.8890, 35.6660, kept_by=Registry.FER
    ),
    DemoClinic(
        11, "Поликлиника «Балтика»", "Калининград", "Калининград, Янтарный переулок, 10", 54.7104, 20.4522,
        "Калининградская медицинская организация", "Europe/Kaliningrad",
    ),
    DemoClinic(
        12, "Поликлиника «Вулкан»", "Петропавловск-Камчатский", "Петропавловск-Камчатский, улица Океанская, 11",
        53.0370, 158.6559, "Камчатская медицинская организация", "Asia/Kamchatka",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoDoctor:
    """A doctor at one clinic in one specialty; `shift` 0 begins with a morning."""

    number: int
    family_name: str
    given_name: str
    patronymic: str
    clinic: DemoClinic
    specialty: DemoSpecialty
    room: str
    shift: int

    @property
    def id(self) -> UUID:
        """Return the stable id."""
        return demo_id("doctor", self.number)

    @property
    def post_id(self) -> UUID:
        """Return the stable id of the doctor's one post."""
        return demo_id("post", self.number)

    def reception(self, day: date) -> tuple[time, time] | None:
        """Return when the doctor receives on `day` by the clinic's clock, or None: Sundays and odd Saturdays off."""
        if day.weekday() == 6 or (day.weekday() == 5 and (day.toordinal() // 7 + self.shift) % 2):
            return None
        return (_MORNING, _AFTERNOON)[(day.toordinal() + self.shift) % 2]


_CHILDREN_ALSO = ("therapist", "general-practitioner", "gynaecologist")
"""In whose place a children's clinic has another paediatrician."""


def _specialty(clinic: DemoClinic, usual: DemoSpecialty) -> DemoSpecialty:
    if clinic.for_children and usual.code in _CHILDREN_ALSO:
        return next(one for one in SPECIALTIES if one.code == "paediatrician")
    return usual


def generate_doctors(*, seed: int) -> Iterator[DemoDoctor]:
    """Yield every doctor, clinic by clinic; the same seed number gives the same names."""
    rng = random.Random(f"doctors:{seed}")  # noqa: S311 # demo data, not a secret
    for clinic in CLINICS:
        for place in range(DOCTORS_PER_CLINIC):
            number = (clinic.number - 1) * DOCTORS_PER_CLINIC + place
            female = rng.random() < 0.6
            yield DemoDoctor(
                number=number,
                family_name=rng.choice(RussianNames.last_names_female if female else RussianNames.last_names_male),
                given_name=rng.choice(RussianNames.first_names_female if female else RussianNames.first_names_male),
                patronymic=rng.choice(RussianNames.middle_names_female if female else RussianNames.middle_names_male),
                clinic=clinic,
                specialty=_specialty(clinic, SPECIALTIES[place]),
                room=f"{clinic.number % 4 + 1}{place + 1:02d}",
                shift=(clinic.number + place) % 2,
            )
