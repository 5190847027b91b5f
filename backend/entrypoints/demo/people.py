"""Generated people of the demo region; nobody real, the same for the same seed number.

Everybody keeps their birthday from day to day; only the year of birth follows the calendar, once a year, so that the
named people stay as old as the guides say.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from faker.providers.person.ru_RU import Provider as RussianNames

from backend.entrypoints.demo.named import FIRST_OID, NAMED, NamedPerson, Sex
from backend.entrypoints.demo.region import demo_id
from identity.principal import ActorKind, Assurance

_REGION = "40"
_COMES_OF_AGE = 18
_DAYS_OF_COMMON_YEAR = 365
_COMMON_YEAR = date(2025, 1, 1)
_FATHERS = (
    "Александр", "Алексей", "Андрей", "Антон", "Борис", "Вадим", "Виктор", "Владимир", "Владислав", "Георгий", "Денис",
    "Дмитрий", "Иван", "Константин", "Максим", "Николай", "Олег", "Роман", "Сергей", "Степан", "Тимофей", "Эдуард",
)  # fmt: skip
"""Names whose patronymics follow the plain rule of `_patronymic`."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One generated person.

    `nick` is set for the named ones only. `snils` is 11 digits, `enp` 16, `phone` E.164; `children` are the
    numbers of this person's children under 18 in the same list: those that ESIA keeps on a parent's account.
    """

    number: int
    family_name: str
    given_name: str
    patronymic: str
    sex: Sex
    birth_date: date
    snils: str
    enp: str
    phone: str
    email: str
    town: str
    assurance: Assurance = Assurance.CONFIRMED
    kind: ActorKind = ActorKind.CITIZEN
    nick: str | None = None
    label: str = ""
    children: tuple[int, ...] = ()

    @property
    def person_id(self) -> UUID:
        """Return the stable id of this person in our database."""
        return demo_id("person", self.number)

    @property
    def oid(self) -> int:
        """Return the number of this person's ESIA account."""
        return FIRST_OID + self.number


TOWNS = ("Калуга", "Обнинск", "Калуга", "Износки", "Калуга", "Обнинск", "Мятлево")


def generate_people(count: int, *, seed: int, today: date) -> Iterator[DemoPerson]:
    """Yield `count` people (at least the named ones), named first, then households of a mother, father and child.

    Args:
        count: How many people to yield.
        seed: The same number gives the same people.
        today: Ages are whole years on this day.
    """
    rng = random.Random(seed)  # noqa: S311 # demo data, not a secret
    yield from (_named(number, named, seed=seed, today=today) for number, named in enumerate(NAMED))
    number = len(NAMED)
    while number < count:
        for person in _household(number, rng, seed=seed, today=today):
            if number < count:
                yield person if all(child < count for child in person.children) else replace(person, children=())
                number += 1


def _named(number: int, named: NamedPerson, *, seed: int, today: date) -> DemoPerson:
    family, given, patronymic = named.names
    birth = _birth_date(today, named.age, birthday=136 + 37 * number)
    town = TOWNS[number % len(TOWNS)]
    person = _person(number, (family, given, patronymic), named.sex, birth, seed=seed, town=town)
    return replace(
        person, nick=named.nick, label=named.label, kind=named.kind, assurance=named.assurance, children=named.children
    )


def _household(number: int, rng: random.Random, *, seed: int, today: date) -> Iterator[DemoPerson]:
    surname, town, father_name = (
        rng.randrange(len(RussianNames.last_names_male)),
        rng.choice(TOWNS),
        rng.choice(_FATHERS),
    )
    mother_age = rng.randint(24, 78)
    child_age = max(0, mother_age - rng.randint(20, 40))
    child_sex: Sex = rng.choice(("female", "male"))
    mother, father, child = (_names(rng, sex, surname) for sex in ("female", "male", child_sex))
    members: tuple[tuple[tuple[str, str, str], Sex, int], ...] = (
        (mother, "female", mother_age),
        ((father[0], father_name, father[2]), "male", mother_age + rng.randint(-2, 9)),
        ((child[0], child[1], _patronymic(father_name, child_sex)), child_sex, child_age),
    )
    for place, (names, sex, age) in enumerate(members):
        yield _person(
            number + place,
            names,
            sex,
            _birth_date(today, age, birthday=rng.randrange(_DAYS_OF_COMMON_YEAR)),
            seed=seed,
            town=town,
            children=(number + 2,) if place < 2 and child_age < _COMES_OF_AGE else (),
        )


def _names(rng: random.Random, sex: Sex, surname: int) -> tuple[str, str, str]:
    if sex == "male":
        return (
            RussianNames.last_names_male[surname],
            rng.choice(RussianNames.first_names_male),
            rng.choice(RussianNames.middle_names_male),
        )
    return (
        RussianNames.last_names_female[surname],
        rng.choice(RussianNames.first_names_female),
        rng.choice(RussianNames.middle_names_female),
    )


def _patronymic(father_name: str, sex: Sex) -> str:
    stem = f"{father_name[:-1]}е" if father_name.endswith("й") else f"{father_name}о"
    return stem + ("вич" if sex == "male" else "вна")


def _birth_date(today: date, age: int, *, birthday: int) -> date:
    """Return the birth date of somebody who is `age` whole years old on `today`.

    Args:
        today: The day to count on.
        age: Whole years.
        birthday: Day of the year, counted from 0; one of a common year, so nobody is born on 29 February.
    """
    day = _COMMON_YEAR + timedelta(days=birthday % _DAYS_OF_COMMON_YEAR)
    is_ahead = (day.month, day.day) > (today.month, today.day)
    return day.replace(year=today.year - age - is_ahead)


def _person(  # names, sex and birth come first in every document too
    number: int,
    names: tuple[str, str, str],
    sex: Sex,
    birth_date: date,
    *,
    seed: int,
    town: str,
    children: tuple[int, ...] = (),
) -> DemoPerson:
    return DemoPerson(
        number=number,
        family_name=names[0],
        given_name=names[1],
        patronymic=names[2],
        sex=sex,
        birth_date=birth_date,
        snils=snils_of(number, seed),
        enp=enp_of(number, birth_date, sex),
        phone=f"+7900{number:07d}",
        email=f"person{number}@demo.example",
        town=town,
        children=children,
    )


def snils_of(number: int, seed: int) -> str:
    """Return a generated SNILS with a right check number. Source: order of ПФР 2019, as in docs/domain.

    A step coprime with the span makes every number of one seed different.
    """
    digits = f"{2_000_000 + (seed * 7_368_787 + number * 6_700_417) % 900_000_000:09d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101
    return f"{digits}{total % 100:02d}"


def enp_of(number: int, birth_date: date, sex: Sex) -> str:
    """Return a generated ENP of the demo region whose coded birth date, sex and check digit are right."""
    month = birth_date.month + (20 if birth_date.year <= 1950 else 40 if birth_date.year <= 2000 else 0)
    day = birth_date.day + (50 if sex == "male" else 0)
    plain = f"{month:02d}{str(birth_date.year)[::-1]}{day:02d}"
    body = _REGION + "".join(str(9 - int(digit)) for digit in plain) + f"{number % 100_000:05d}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(body)]
    return body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
