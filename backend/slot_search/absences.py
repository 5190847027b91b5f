"""Says why nothing was found: one more batch of statements, asked only then."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.slot_search.asking import Asking
from backend.slot_search.eligibility import barred
from backend.slot_search.parts import Part
from backend.slot_search.register import Register
from backend.slot_search.search_queries import Look
from backend.slot_search.values import Absence, Patient, Reason


@dataclass(frozen=True, slots=True)
class Question:
    """What was looked for in vain.

    Attributes:
        parts: What the person may take.
        beyond: The same behind the horizon, within what was asked for.
        without_person: The parts of a set of posts, whoever comes.
        posts: What was looked for, whoever comes.
        patient: Who comes, where somebody was named.
        days: Those of the search on which what the person may take begins or changes.
        ahead: How far the channel sees.
        is_over: Whether what is asked for lies behind us, or wholly behind the horizon.
    """

    parts: Sequence[Part]
    beyond: Sequence[Part]
    without_person: Callable[[int], Sequence[Part]]
    posts: int
    patient: Patient | None
    days: Sequence[date]
    ahead: timedelta
    is_over: bool


async def explain(asking: Asking, register: Register, asked: Question) -> list[Absence]:
    """Return the reasons, the person's own first.

    Those of the person are told where other people would find something, or where nothing at all is left to look at.
    """
    reasons = _in_the_way(register, asked)
    is_possible = bool(asked.parts) or asked.is_over
    parts = [asked.beyond, *map(asked.without_person, reasons.values())]
    look, (later, *others) = await asyncio.gather(
        asking.look(asked.parts), asyncio.gather(*(asking.page(one, after=None, limit=1) for one in parts))
    )
    found = [
        _of_person(register, asked, reason, mask)
        for (reason, mask), slots in zip(reasons.items(), others, strict=True)
        if slots or not is_possible
    ]
    found += _of_slots(look)
    if later:
        found.append(Absence(Reason.BEYOND_HORIZON, at=later[0].starts_at - asked.ahead))
    if is_possible and not look.slots:
        found.append(Absence(Reason.SCHEDULE))
    return found


def _in_the_way(register: Register, asked: Question) -> dict[Reason, int]:
    """Return the posts that the person may not take on some day, by the reason."""
    masks: dict[Reason, int] = {}
    if asked.patient is None:
        return masks
    for day in asked.days:
        for reason, mask in barred(register, asked.patient, day).items():
            if mask & asked.posts:
                masks[reason] = masks.get(reason, 0) | mask & asked.posts
    return masks


def _of_slots(look: Look) -> list[Absence]:
    found = []
    if look.later:
        found.append(Absence(Reason.NOT_RELEASED, at=look.next_release))
    if look.used_up:
        found.append(Absence(Reason.QUOTA))
    if look.taken:
        found.append(Absence(Reason.ALL_TAKEN))
    if look.elsewhere:
        found.append(Absence(Reason.CHANNEL))
    return found


def _of_person(register: Register, asked: Question, reason: Reason, posts: int) -> Absence:
    patient = asked.patient
    specialties = [
        one for one in register.reference.specialties if register.of_specialty.get(one.specialty.id, 0) & posts
    ]
    if reason is Reason.ATTACHMENT:
        own = register.organisations.get(patient.organisation_id) if patient and patient.organisation_id else None
        return Absence(reason, organisation=own)
    if reason is Reason.REFERRAL:
        return Absence(reason, specialty=specialties[0].specialty if len(specialties) == 1 else None)
    if reason is Reason.AGE:
        limits = {(one.limits.age_from, one.limits.age_until) for one in specialties}
        age_from, age_until = limits.pop() if len(limits) == 1 else (None, None)
        return Absence(reason, age_from=age_from, age_until=age_until)
    return Absence(reason)
