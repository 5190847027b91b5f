"""The people every guide and journey names; apart from the generated ones, because a server knows only these."""

from dataclasses import dataclass
from typing import Literal

from identity.principal import ActorKind, Assurance

Sex = Literal["male", "female"]

FIRST_OID = 1_000_300_000
"""ESIA numbers of the demo people count up from here."""


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Who is fixed by hand; the rest of the person is generated."""

    nick: str
    names: tuple[str, str, str]
    sex: Sex
    age: int
    label: str
    kind: ActorKind = ActorKind.CITIZEN
    assurance: Assurance = Assurance.CONFIRMED
    children: tuple[int, ...] = ()


NAMED = (
    NamedPerson("anna", ("Орлова", "Анна", "Викторовна"), "female", 42, "Анна, 42: двое детей", children=(1, 2)),
    NamedPerson("mitya", ("Орлов", "Дмитрий", "Павлович"), "male", 9, "Митя, 9: сын Анны"),
    NamedPerson("sonya", ("Орлова", "Софья", "Павловна"), "female", 16, "Соня, 16: дочь Анны"),
    NamedPerson("boris", ("Климов", "Борис", "Андреевич"), "male", 67, "Борис, 67: пенсионер, инвалид II группы"),
    NamedPerson("operator", ("Жукова", "Ольга", "Игоревна"), "female", 31, "Оператор 122", ActorKind.OPERATOR),
    NamedPerson(
        "representative", ("Савин", "Роман", "Олегович"), "male", 38, "Страховой представитель",
        ActorKind.INSURANCE_REPRESENTATIVE,
    ),
    NamedPerson("doctor", ("Лебедева", "Марина", "Сергеевна"), "female", 45, "Врач-терапевт", ActorKind.CLINICIAN),
    NamedPerson("crew", ("Тихонов", "Егор", "Ильич"), "male", 34, "Бригада скорой помощи", ActorKind.AMBULANCE_CREW),
    NamedPerson("auditor", ("Власова", "Нина", "Петровна"), "female", 52, "Аудитор", ActorKind.AUDITOR),
    NamedPerson(
        "gleb", ("Романов", "Глеб", "Денисович"), "male", 27, "Глеб, 27: неподтверждённая запись",
        assurance=Assurance.STANDARD,
    ),
    NamedPerson(
        "representative2", ("Фомина", "Вера", "Николаевна"), "female", 41, "Страховой представитель 2-го уровня",
        ActorKind.INSURANCE_REPRESENTATIVE,
    ),
    NamedPerson(
        "representative3", ("Дёмин", "Павел", "Юрьевич"), "male", 49, "Страховой представитель 3-го уровня",
        ActorKind.INSURANCE_REPRESENTATIVE,
    ),
    NamedPerson(
        "officer", ("Гусев", "Андрей", "Львович"), "male", 50, "Сотрудник безопасности", ActorKind.AUDITOR,
    ),
)  # fmt: skip
"""The people every guide and journey names; they come first and keep their numbers."""
