"""Families of the named demo people: the children ESIA keeps on an account, and those a parent has confirmed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.entrypoints.demo.people import DemoPerson
from backend.entrypoints.demo.region import demo_id
from backend.profile.values import DEFAULT_TIME_ZONE
from identity.ages import COMES_OF_AGE, turns
from identity.ports import Birth
from identity.representation_values import DocumentKind, RepresentationKind

_SOURCE = "esia"
_SERIES = "I-ДМ"

Row = Mapping[str, Any]


def known_children(people: Sequence[DemoPerson], *, now: datetime) -> Iterator[Row]:
    """Yield the children on the accounts of named people, as a sign-in would tell of them."""
    for parent, child in _of_named(people):
        yield {
            "person_id": parent.person_id,
            "id": demo_id("known-child", f"{parent.number}:{child.number}"),
            "source": _SOURCE,
            "subject": str(child.oid),
            "family_name": child.family_name,
            "given_name": child.given_name,
            "patronymic": child.patronymic,
            "birth_date": child.birth_date,
            "sex": child.sex,
            "snils": child.snils,
            "certificate_series": _SERIES,
            "certificate_number": _number(child),
            "certificate_act": None,
            "as_of": now,
        }


def representations(people: Sequence[DemoPerson], *, now: datetime) -> Iterator[Row]:
    """Yield what named parents have confirmed: all of their children."""
    for parent, child in _of_named(people):
        yield {
            "person_id": child.person_id,
            "id": _representation_id(parent, child),
            "representative_id": parent.person_id,
            "kind": RepresentationKind.PARENT,
            "begun_at": now,
            "expires_at": turns(Birth(child.birth_date, DEFAULT_TIME_ZONE), COMES_OF_AGE),
        }


def documents(people: Sequence[DemoPerson], *, now: datetime) -> Iterator[Row]:
    """Yield the certificates that `representations` rest on."""
    for parent, child in _of_named(people):
        yield {
            "person_id": child.person_id,
            "representation_id": _representation_id(parent, child),
            "kind": DocumentKind.BIRTH_CERTIFICATE,
            "series": _SERIES,
            "number": _number(child),
            "source": _SOURCE,
            "checked_at": now,
        }


def _of_named(people: Sequence[DemoPerson]) -> Iterator[tuple[DemoPerson, DemoPerson]]:
    for parent in people:
        if parent.nick is not None:
            yield from ((parent, people[number]) for number in parent.children if number < len(people))


def _number(child: DemoPerson) -> str:
    return f"{child.number:06d}"


def _representation_id(parent: DemoPerson, child: DemoPerson) -> UUID:
    return demo_id("representation", f"{parent.number}:{child.number}")
