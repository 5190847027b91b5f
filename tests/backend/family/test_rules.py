from datetime import date, timedelta

import pytest

from backend.family.errors import (
    ChildDocumentMismatch,
    ChildDocumentUnknown,
    ChildFactsIncomplete,
    FamilyRefusal,
    GranteeUnclear,
    GrantRightsInvalid,
    GrantTermInvalid,
    GuardianshipDocumentInvalid,
    GuardianshipTermInvalid,
    PersonFactsConflict,
)
from backend.family.rules import (
    LONGEST_GRANT,
    check_certificate,
    check_child,
    check_grantee,
    check_guardianship,
    check_rights,
    same_person,
)
from backend.family.values import Certificate, Grantee
from backend.profile.values import Person, Phone, Sex, Snils
from identity.known_children import BirthCertificate
from identity.principal import PersonId
from identity.representation_values import DocumentKind, GrantedRight, Term
from tests.factories.family import CERTIFICATE, CHILD_SNILS, TYPED, make_child, make_document, make_ward
from tests.factories.people import NOW, make_person

READ, BOOK = GrantedRight.READ, GrantedRight.BOOK
SECOND = timedelta(seconds=1)
TODAY = NOW.date()
PHONE, SNILS = Phone("+79105550117"), Snils("11223344595")


def person(**given: object) -> Person:
    row = make_person(**given)
    return Person(
        PersonId(row.id), row.family_name, row.given_name, row.patronymic, row.birth_date, row.sex, SNILS, PHONE, None,
        row.source, row.as_of,
    )  # fmt: skip


def test_a_right_may_last_a_year_to_the_second() -> None:
    assert check_rights([(READ, NOW + LONGEST_GRANT), (BOOK, NOW + SECOND)], NOW) == {
        READ: NOW + LONGEST_GRANT,
        BOOK: NOW + SECOND,
    }


@pytest.mark.parametrize("end", [NOW, NOW - SECOND, NOW + LONGEST_GRANT + SECOND])
def test_a_right_ends_ahead_and_within_a_year(end: object) -> None:
    with pytest.raises(GrantTermInvalid):
        check_rights([(READ, NOW + SECOND), (BOOK, end)], NOW)  # type: ignore[list-item] # instants


@pytest.mark.parametrize("rights", [[], [(READ, NOW + SECOND), (READ, NOW + 2 * SECOND)]])
def test_each_right_is_given_once(rights: list[tuple[GrantedRight, object]]) -> None:
    with pytest.raises(GrantRightsInvalid):
        check_rights(rights, NOW)  # type: ignore[arg-type] # instants


@pytest.mark.parametrize(("phone", "snils"), [(None, None), (PHONE, SNILS)])
def test_an_adult_is_named_by_one_number(phone: Phone | None, snils: Snils | None) -> None:
    with pytest.raises(GranteeUnclear):
        check_grantee(Grantee(phone, snils, date(1990, 1, 1)))


@pytest.mark.parametrize("series", ["II-ДМ", "ii дм", "ІІ-дм", "II‑ДМ"])  # Roman numerals, Cyrillic ones, other hyphens
def test_a_certificate_is_compared_as_it_looks(series: str) -> None:
    typed = Certificate(series, " 012345", TYPED.act_record)
    assert check_certificate(typed, CERTIFICATE) == CERTIFICATE


@pytest.mark.parametrize(
    "typed",
    [
        Certificate("III-ДМ", "012345", TYPED.act_record),
        Certificate("II-ДМ", "12345", TYPED.act_record),
        Certificate("II-ДМ", "012345", None),
        Certificate("II-ДМ", "012345", "120119400400500600702"),
        Certificate("", "", ""),
    ],
)
def test_another_certificate_is_a_mismatch(typed: Certificate) -> None:
    with pytest.raises(ChildDocumentMismatch):
        check_certificate(typed, CERTIFICATE)


def test_a_record_is_not_compared_where_the_source_has_none() -> None:
    known = BirthCertificate("II-ДМ", "012345")
    assert check_certificate(Certificate("II-ДМ", "012345", "anything"), known) == known
    with pytest.raises(ChildDocumentUnknown):
        check_certificate(TYPED, None)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"snils": None}, ChildFactsIncomplete),
        ({"snils": "11223344596"}, ChildFactsIncomplete),
        ({"birth_date": None}, ChildFactsIncomplete),
        ({"sex": None}, ChildFactsIncomplete),
    ],
)
def test_a_child_has_to_be_known_well_enough(given: dict[str, object], refusal: type[FamilyRefusal]) -> None:
    with pytest.raises(refusal):
        check_child(make_child(**given))


def test_a_child_is_known_by_its_number() -> None:
    assert check_child(make_child(patronymic=None)) == Snils(CHILD_SNILS)


def test_the_same_person_is_one_of_the_same_birth_date_whatever_the_name() -> None:
    one = person(family_name="Иванова")
    assert same_person([one], one.birth_date) is one
    assert same_person([], one.birth_date) is None
    for found, born in (([one], date(2000, 1, 1)), ([one, person()], one.birth_date)):
        with pytest.raises(PersonFactsConflict):
            same_person(found, born)


def test_a_document_of_guardianship_may_be_good_for_one_day() -> None:
    check_guardianship(make_ward(), make_document(term=Term(TODAY, TODAY)), TODAY)


@pytest.mark.parametrize(
    ("ward", "document", "refusal"),
    [
        ({"family_name": " "}, {}, GuardianshipDocumentInvalid),
        ({"given_name": "я" * 101}, {}, GuardianshipDocumentInvalid),
        ({"patronymic": ""}, {}, GuardianshipDocumentInvalid),
        ({"birth_date": date(1899, 12, 31)}, {}, GuardianshipDocumentInvalid),
        ({"birth_date": TODAY + timedelta(days=1)}, {}, GuardianshipDocumentInvalid),
        ({"sex": Sex.MALE}, {"kind": DocumentKind.BIRTH_CERTIFICATE}, GuardianshipDocumentInvalid),
        ({}, {"number": ""}, GuardianshipDocumentInvalid),
        ({}, {"issued_by": "я" * 201}, GuardianshipDocumentInvalid),
        ({}, {"term": Term(TODAY, TODAY - timedelta(days=1))}, GuardianshipTermInvalid),
        ({}, {"term": Term(date(2020, 1, 1), TODAY - timedelta(days=1))}, GuardianshipTermInvalid),
        ({}, {"term": Term(date(2016, 3, 4), date(2028, 1, 1))}, GuardianshipTermInvalid),
        ({}, {"term": Term(TODAY, date(2044, 11, 23))}, GuardianshipTermInvalid),
        ({}, {"term": Term(date(9999, 1, 1), date(9999, 12, 31))}, GuardianshipTermInvalid),
        ({}, {"term": Term(date(1, 1, 1), date(2028, 1, 1))}, GuardianshipTermInvalid),
    ],
)
def test_a_document_without_sense_is_refused(
    ward: dict[str, object], document: dict[str, object], refusal: type[FamilyRefusal]
) -> None:
    with pytest.raises(refusal):
        check_guardianship(make_ward(**ward), make_document(**document), TODAY)
