from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import DemoPerson, enp_of, generate_people, snils_of
from backend.entrypoints.demo.simulators import esia_people
from backend.profile.rules import age_in_years
from identity.principal import ActorKind, Assurance

TODAY = date(2026, 11, 22)


def age_of(person: DemoPerson, today: date) -> int:
    return age_in_years(person.birth_date, now=datetime.combine(today, time(12), UTC), time_zone="Europe/Moscow")


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
    for parent in people[len(NAMED) :]:
        for child in (people[number] for number in parent.children):
            assert age_of(child, TODAY) < 18 <= age_of(parent, TODAY) - age_of(child, TODAY)
            assert child.family_name[:4] == parent.family_name[:4]
            assert parent.sex == "female" or child.patronymic[:3] == parent.given_name[:3]


@given(today=st.dates(date(2026, 1, 1), date(2032, 12, 31)), seed=st.integers(0, 50))
def test_ages_of_the_named_hold_on_every_day_and_birthdays_stay(today: date, seed: int) -> None:
    """29 February, when nobody is born, included."""
    now, before = ([*generate_people(40, seed=seed, today=day)] for day in (today, today - timedelta(days=1)))
    assert [age_of(person, today) for person in now[: len(NAMED)]] == [one.age for one in NAMED]
    for person, earlier in zip(now, before, strict=True):
        assert person.birth_date <= today
        assert (person.birth_date.month, person.birth_date.day) == (earlier.birth_date.month, earlier.birth_date.day)
        has_birthday = (person.birth_date.month, person.birth_date.day) == (today.month, today.day)
        assert (person.birth_date == earlier.birth_date) is not has_birthday


def test_nobody_is_born_or_refused_a_document_on_29_february() -> None:
    leap_day = date(2028, 2, 29)
    people = list(generate_people(2_000, seed=40, today=leap_day))
    assert not [person for person in people if (person.birth_date.month, person.birth_date.day) == (2, 29)]
    assert len(esia_people(people, today=leap_day)) == len(people)


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
    assert [age_of(people[nick], TODAY) for nick in ("anna", "mitya", "sonya", "boris")] == [42, 9, 16, 67]
    assert anna.children == (people["mitya"].number, people["sonya"].number)
    assert (boris.children, boris.label) == ((), "Борис, 67: пенсионер, инвалид II группы")
    assert {nick: people[nick].kind for nick in ("operator", "representative", "doctor", "crew", "auditor")} == {
        "operator": ActorKind.OPERATOR,
        "representative": ActorKind.INSURANCE_REPRESENTATIVE,
        "doctor": ActorKind.CLINICIAN,
        "crew": ActorKind.AMBULANCE_CREW,
        "auditor": ActorKind.AUDITOR,
    }
    assert people["gleb"].assurance is Assurance.STANDARD


def test_staff_work_for_organisations_with_right_numbers_and_citizens_for_none() -> None:
    accounts = {one.nick: one for one in esia_people(list(generate_people(60, seed=40, today=TODAY)), today=TODAY)}
    groups = {nick: account.roles[0].groups[0] for nick, account in accounts.items() if account.roles}
    assert groups == {
        "operator": "MZ_OPERATOR_122",
        "representative": "MZ_INSURANCE_REPRESENTATIVE_1",
        "representative2": "MZ_INSURANCE_REPRESENTATIVE_2",
        "representative3": "MZ_INSURANCE_REPRESENTATIVE_3",
        "doctor": "MZ_CLINICIAN",
        "crew": "MZ_AMBULANCE_CREW",
        "auditor": "MZ_AUDITOR",
        "officer": "MZ_SECURITY_OFFICER",
    }
    assert set(groups) == {one.nick for one in NAMED if one.kind is not ActorKind.CITIZEN}
    for role in (role for account in accounts.values() for role in account.roles):
        assert len(role.ogrn) == 13
        assert int(role.ogrn[:12]) % 11 % 10 == int(role.ogrn[12])


def test_snils_check_number_follows_the_published_rule() -> None:
    for number in range(500):
        snils = snils_of(number, 40)
        total = sum(int(digit) * (9 - place) for place, digit in enumerate(snils[:9]))
        assert int(snils[9:]) == total % 101 % 100
        assert int(snils[:9]) > 1_001_998
