"""Which posts may see a person on a day, pure. Source of all: domain reference, §3 "Booking", rules."""

from collections.abc import Iterator
from datetime import date, timedelta

from backend.slot_search.register import Register
from backend.slot_search.values import Patient, Reason

ONE_DAY = timedelta(days=1)


def full_years(birth_date: date, day: date) -> int:
    """Return how many full years somebody has on a day; born on 29 February, one turns on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def barred(register: Register, patient: Patient, day: date) -> dict[Reason, int]:
    """Return the posts that do not see a person on a day, by the reason; a post may stand under several.

    Args:
        register: Of all posts.
        patient: Who comes.
        day: Of the visit, by the clinic's calendar.

    Returns:
        Masks of posts: AGE and SEX by the limits of specialty and clinic, ATTACHMENT where the specialty sees its own
        people only, REFERRAL where it needs one and none is valid on the day.
    """
    years = full_years(patient.birth_date, day)
    referred = {one.specialty_id for one in patient.referrals if one.issued_on <= day <= one.expires_on}
    attached = register.of_organisation.get(patient.organisation_id, 0) if patient.organisation_id else 0
    masks = dict.fromkeys((Reason.AGE, Reason.SEX, Reason.ATTACHMENT, Reason.REFERRAL), 0)
    for known in register.reference.specialties:
        posts, limits = register.of_specialty.get(known.specialty.id, 0), known.limits
        if not limits.sees_age(years):
            masks[Reason.AGE] |= posts
        if limits.sex is not None and limits.sex is not patient.sex:
            masks[Reason.SEX] |= posts
        if limits.needs_attachment:
            masks[Reason.ATTACHMENT] |= posts & ~attached
        if not known.specialty.direct_booking and known.specialty.id not in referred:
            masks[Reason.REFERRAL] |= posts
    for one in register.reference.clinics:
        if not one.limits.sees_age(years):
            masks[Reason.AGE] |= register.of_clinic.get(one.clinic.id, 0)
    return masks


def seen(register: Register, patient: Patient, day: date) -> int:
    """Return the posts that see a person on a day."""
    posts = register.every
    for mask in barred(register, patient, day).values():
        posts &= ~mask
    return posts


def turning_days(patient: Patient, *, first: date, last: date) -> Iterator[date]:
    """Yield the days after `first` and up to `last` on which something about a person changes, in any order."""
    days = {one.issued_on for one in patient.referrals} | {one.expires_on + ONE_DAY for one in patient.referrals}
    for year in range(first.year, last.year + 1):
        days.add(_birthday(patient.birth_date, year))
    yield from (day for day in days if first < day <= last)


def _birthday(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
