"""Where the demo people are attached, and which referrals the named ones have."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.entrypoints.demo.people import DemoPerson
from backend.entrypoints.demo.region import CLINICS, SPECIALTIES, demo_id

_SOURCE = "demo"
_GOOD_FOR = timedelta(days=60)
_OF_TOWN = {clinic.town: clinic.organisation for clinic in reversed(CLINICS)}
_CAPITAL = "Калуга"


def attachments(people: Iterable[DemoPerson], *, now: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield where each person is attached: the organisation of their town; the named ones that of the capital."""
    for person in people:
        organisation = _OF_TOWN[_CAPITAL if person.nick else person.town]
        yield {
            "person_id": person.person_id,
            "organisation_id": demo_id("organisation", organisation),
            "since": now.date().replace(month=1, day=1),
            "source": _SOURCE,
            "as_of": now,
        }


def referrals(named: Iterable[DemoPerson], *, now: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield a referral of this month for each named person to each specialty that takes one."""
    today = now.date()
    for person in named:
        for specialty in SPECIALTIES:
            if specialty.direct:
                continue
            name = f"{person.number}:{specialty.code}:{today:%Y-%m}"
            yield {
                "person_id": person.person_id,
                "id": demo_id("referral", name),
                "number": f"D-{today:%y%m}-{person.number:03d}-{SPECIALTIES.index(specialty):02d}",
                "specialty_id": demo_id("specialty", specialty.code),
                "issued_on": today - timedelta(days=1),
                "expires_on": today + _GOOD_FOR,
                "source": _SOURCE,
                "as_of": now,
            }
