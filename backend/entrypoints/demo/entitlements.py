"""Where the demo people are attached, and which referrals the named ones have."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.entrypoints.demo.people import DemoPerson
from backend.entrypoints.demo.region import CLINICS, SPECIALTIES, DemoSpecialty, demo_id

_SOURCE = "demo"
_GOOD_FOR = timedelta(days=90)
_OF_TOWN = {clinic.town: clinic.organisation for clinic in reversed(CLINICS)}
_CAPITAL = "Калуга"


@dataclass(frozen=True, slots=True)
class DemoReferral:
    """A referral of one of the named people; the days are inclusive."""

    id: UUID
    number: str
    specialty: DemoSpecialty
    issued_on: date
    expires_on: date


def organisation_of(person: DemoPerson) -> str:
    """Return where a person is attached: the organisation of their town; the named ones that of the capital."""
    return _OF_TOWN[_CAPITAL if person.nick else person.town]


def attachments(people: Iterable[DemoPerson], *, now: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield where each person is attached."""
    for person in people:
        yield {
            "person_id": person.person_id,
            "organisation_id": demo_id("organisation", organisation_of(person)),
            "since": now.date().replace(month=1, day=1),
            "source": _SOURCE,
            "as_of": now,
        }


def demo_referrals(person: DemoPerson, *, today: date) -> Iterator[DemoReferral]:
    """Yield a referral of this month to each specialty that takes one; only the named people have any."""
    if person.nick is None:
        return
    first = today.replace(day=1)
    for number, specialty in enumerate(SPECIALTIES):
        if not specialty.direct:
            name = f"{person.number}:{specialty.code}:{first:%Y-%m}"
            yield DemoReferral(
                id=demo_id("referral", name),
                number=f"D-{first:%y%m}-{person.number:03d}-{number:02d}",
                specialty=specialty,
                issued_on=first,
                expires_on=first + _GOOD_FOR,
            )


def referrals(named: Iterable[DemoPerson], *, now: datetime, today: date) -> Iterator[Mapping[str, Any]]:
    """Yield the referrals of the named people as rows."""
    for person in named:
        for one in demo_referrals(person, today=today):
            yield {
                "person_id": person.person_id,
                "id": one.id,
                "number": one.number,
                "specialty_id": demo_id("specialty", one.specialty.code),
                "issued_on": one.issued_on,
                "expires_on": one.expires_on,
                "source": _SOURCE,
                "as_of": now,
            }
