"""What a representation gives at one moment: pure, by the birth date and the zone of the person acted for (S38)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from identity.access import RULES
from identity.ages import COMES_OF_AGE, CONSENTS_TO_CARE, birthday, first_instant, turns
from identity.capacities import Capacity, Category, Mandate
from identity.ports import Birth
from identity.representation_values import ACTIONS_OF, GrantedRight, Representation, RepresentationKind, Term

EVERY_CATEGORY = frozenset(Category)

OF_TEENAGER = frozenset(action for action, rule in RULES.items() if Capacity.PARENT_OF_TEENAGER in rule.capacities)
"""What may be done for somebody of 15 to 17, whether by a parent or by a guardian."""


def mandates_of(representation: Representation, birth: Birth | None, now: datetime) -> tuple[Mandate, ...]:
    """Return what a representation gives now; nothing once it is over, or where nobody knows the birth date.

    Args:
        representation: One that nobody has ended.
        birth: Of the person acted for; of no use where the person's trust is the ground.
        now: The present, aware.
    """
    if representation.kind is RepresentationKind.TRUSTED:
        return of_trust(representation.ends, now, representation.id)
    if birth is None:
        return ()
    if representation.kind is RepresentationKind.PARENT:
        mandate = of_parent(birth, now, representation.id)
    else:
        mandate = of_guardian(representation.term, birth, now, representation.id) if representation.term else None
    return (mandate,) if mandate else ()


def end_of(representation: Representation, birth: Birth | None) -> datetime:
    """Return when a representation ends by itself; that of somebody whose birth nobody knows is over."""
    if representation.kind is RepresentationKind.TRUSTED:
        return max(representation.ends.values(), default=representation.begun_at)
    if birth is None:
        return representation.begun_at
    if representation.kind is RepresentationKind.PARENT:
        return turns(birth, COMES_OF_AGE)
    return _end_of_term(representation.term, birth) if representation.term else representation.begun_at


def of_parent(birth: Birth, now: datetime, reference: UUID) -> Mandate | None:
    """Return what a confirmed parent may: all under 15, without the sensitive categories to 17, nothing from 18.

    Source: 323-ФЗ art. 20 and 22, 271-ФЗ of 2020; domain reference, §8 "Policy here".
    """
    if now >= (adult := turns(birth, COMES_OF_AGE)):
        return None
    if now < (teenager := turns(birth, CONSENTS_TO_CARE)):
        return Mandate(Capacity.PARENT_OF_CHILD, until=teenager, reference=reference)
    return Mandate(Capacity.PARENT_OF_TEENAGER, until=adult, withheld=EVERY_CATEGORY, reference=reference)


def of_guardian(term: Term, birth: Birth, now: datetime, reference: UUID) -> Mandate | None:
    """Return what a guardian may on the days of the document: for a ward of 15 to 17 no more than a parent.

    The guardianship of a minor ends with the ward's coming of age, whatever the document says.

    Source: 48-ФЗ art. 29; ГК РФ art. 40 p. 3; domain reference, §8 "guardianship only by a document with an end date".
    """
    end = _end_of_term(term, birth)
    if not first_instant(term.first, birth.time_zone) <= now < end:
        return None
    teenager, adult = turns(birth, CONSENTS_TO_CARE), turns(birth, COMES_OF_AGE)
    if now < teenager:
        return Mandate(Capacity.GUARDIAN, until=min(teenager, end), reference=reference)
    if now < adult:
        return Mandate(
            Capacity.GUARDIAN,
            until=min(adult, end),
            rights=OF_TEENAGER,
            withheld=EVERY_CATEGORY,
            reference=reference,
        )
    return Mandate(Capacity.GUARDIAN, until=end, reference=reference)


def of_trust(ends: Mapping[GrantedRight, datetime], now: datetime, reference: UUID) -> tuple[Mandate, ...]:
    """Return a mandate for each right that has not ended; one that opens nothing gives none."""
    return tuple(
        Mandate(Capacity.TRUSTED_ADULT, until=end, rights=ACTIONS_OF[right], reference=reference)
        for right, end in sorted(ends.items())
        if now < end and ACTIONS_OF[right]
    )


def is_of_age(birth: Birth, now: datetime) -> bool:
    """Tell whether somebody is 18 by their own clock."""
    return now >= turns(birth, COMES_OF_AGE)


def _end_of_term(term: Term, birth: Birth) -> datetime:
    """Return the end of the last day, or of minority where the ward was a minor on the first one."""
    end = first_instant(term.last + timedelta(days=1), birth.time_zone)
    is_of_minor = term.first < birthday(birth.date, COMES_OF_AGE)
    return min(end, turns(birth, COMES_OF_AGE)) if is_of_minor else end
