"""Which posts are looked for, and in what time, whoever comes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from backend.booking.errors import TooManyIds
from backend.booking.rules import MOST_IDS, is_withheld
from backend.slot_search.errors import SearchPlaceMissing
from backend.slot_search.parts import Window
from backend.slot_search.register import Register
from backend.slot_search.values import Order, SearchCriteria
from backend.slot_search.vocabulary import Meaning
from geo.distance import Point, Surroundings, ranking_km
from identity.capacities import Category

_MOMENT = timedelta(microseconds=1)
_LOOKS_BEHIND = timedelta(days=366)
"""How far behind the horizon it is told that there will be something."""

Key = TypeVar("Key")


def check(criteria: SearchCriteria, order: Order) -> None:
    """Refuse what cannot be searched by.

    Raises:
        TooManyIds: More than 100 of one kind.
        SearchPlaceMissing: The nearest first, and no place; or a distance from none.
        RadiusOutOfRange: Not above 0 and at most 200 km.
    """
    if max(len(criteria.specialty_codes), len(criteria.clinic_ids), len(criteria.doctor_ids)) > MOST_IDS:
        raise TooManyIds
    if criteria.near is None and (order is Order.NEAREST or criteria.radius_km is not None):
        raise SearchPlaceMissing
    if criteria.near is not None and criteria.radius_km is not None:
        Surroundings(criteria.near, criteria.radius_km)


def wanted_posts(register: Register, criteria: SearchCriteria, withheld: frozenset[Category]) -> Meaning:
    """Return the posts that are looked for, and what may have been meant where a word leads nowhere.

    Args:
        register: Of all posts.
        criteria: What is looked for.
        withheld: What must not be shown to whoever looks.
    """
    posts = register.every
    codes = [register.id_of_code[code] for code in criteria.specialty_codes if code in register.id_of_code]
    for asked, masks, keys in (
        (criteria.specialty_codes, register.of_specialty, codes),
        (criteria.clinic_ids, register.of_clinic, criteria.clinic_ids),
        (criteria.doctor_ids, register.of_doctor, criteria.doctor_ids),
    ):
        if asked:
            posts &= _any(masks, keys)
    if criteria.town is not None:
        posts &= register.of_town.get(criteria.town, 0)
    if criteria.near is not None and criteria.radius_km is not None:
        posts &= _within(register, criteria.near, criteria.radius_km)
    for known in register.reference.specialties if withheld else ():
        if is_withheld(known.specialty.code, withheld):
            posts &= ~register.of_specialty.get(known.specialty.id, 0)
    if criteria.text is None:
        return Meaning(posts)
    meant = register.vocabulary.meaning(criteria.text.text, register.every)
    return Meaning(posts & meant.posts, meant.suggestion)


def window(criteria: SearchCriteria, *, now: datetime, until: datetime) -> Window:
    """Return what is asked for, within what is given out: from now up to the horizon."""
    return Window(_since(criteria, now), _until(criteria, now, until))


def window_beyond(criteria: SearchCriteria, *, now: datetime, until: datetime) -> Window:
    """Return what is asked for behind the horizon, up to a year."""
    return Window(_since(criteria, until), _until(criteria, now, until + _LOOKS_BEHIND))


def _since(criteria: SearchCriteria, earliest: datetime) -> datetime:
    first = criteria.starts_from
    return first - _MOMENT if first is not None and first > earliest else earliest


def _until(criteria: SearchCriteria, now: datetime, latest: datetime) -> datetime:
    end = criteria.starts_before
    return max(end, now + _MOMENT) - _MOMENT if end is not None and end <= latest else latest


def _any(masks: Mapping[Key, int], keys: Iterable[Key]) -> int:
    posts = 0
    for key in keys:
        posts |= masks.get(key, 0)
    return posts


def _within(register: Register, centre: Point, radius_km: float) -> int:
    posts = 0
    for clinic_id, mask in register.of_clinic.items():
        if ranking_km(centre, register.clinics[clinic_id].clinic.point) <= radius_km:
            posts |= mask
    return posts
