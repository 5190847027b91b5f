from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.entrypoints.demo.people import NAMED, enp_of, generate_people, snils_of
from identity.principal import Assurance

TODAY = date(2026, 11, 22)


def test_same_seed_same_people_other_seed_others() -> None:
    first = list(generate_people(60, seed=40, today=TODAY))
    assert first == list(generate_people(60, seed=40, today=TODAY))
    assert first[20:] != list(generate_people(60, seed=41, today=TODAY))[20:]


@given(count=st.integers(len(NAMED), 400), seed=st.integers(0, 1000))
def test_everybody_is_one_person_with_existing_children(count: int, seed: int) -> None:
    people = list(generate_people(count, seed=seed, today=TODAY))
    assert [person.number for person in people] == list(range(count))
    for fact in ("snils", "person_id", "oid", "phone", "email"):
        assert len({getattr(person, fact) for person in people}) == count
    assert all(people[child].birth_date > parent.birth_date for parent in people for child in parent.children)


@pytest.mark.parametrize(
    ("birth", "sex", "serial", "enp"),
    [
        (date(1985, 3, 14), "male", 123, "7756410835001233"),
        (date(1949, 12, 31), "female", 1, "5067050868000013"),
        (date(2012, 2, 29), "male", 77, "1697789720000771"),
        (date(2000, 1, 1), "female", 42, "5458999798000427"),
    ],
)
def test_policy_number_is_coded_as_the_published_vectors(birth: date, sex: str, serial: int, enp: str) -> None:
    ours = enp_of(serial, birth, "male" if sex == "male" else "female")
    assert ours[2:15] == enp[2:15]


def test_named_people_are_as_the_guides_say() -> None:
    people = {person.nick: person for person in generate_people(len(NAMED), seed=40, today=TODAY)}
    anna, boris = people["anna"], people["boris"]
    births = [people[nick].birth_date for nick in ("anna", "mitya", "sonya", "boris")]
    ages = [TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day)) for born in births]
    assert ages == [42, 9, 16, 67]
    assert anna.children == (people["mitya"].number, people["sonya"].number)
    assert boris.children == ()
    assert people["gleb"].assurance is Assurance.STANDARD


def test_snils_check_number_follows_the_published_rule() -> None:
    for number in range(500):
        snils = snils_of(number, 40)
        total = sum(int(digit) * (9 - place) for place, digit in enumerate(snils[:9]))
        assert int(snils[9:]) == total % 101 % 100
        assert int(snils[:9]) > 1_001_998
