"""Finds what to offer for cancelled appointments, and whether people can be told of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import eligibility_queries, slot_queries
from backend.booking.eligibility import PatientFacts, SlotTerms, check_person_fits
from backend.booking.errors import BookingRefusal
from backend.booking.terms import BookingTerms, horizon
from backend.booking.values import (
    AppointmentId,
    Channel,
    ClinicId,
    Slot,
    SlotId,
    SpecialtyId,
)
from backend.profile.contacts import Contacts
from backend.reading import Rows
from backend.reception import range_queries
from backend.reception.proposal_values import Affected, CancellationTerms, Range
from backend.reception.replacing import pair_up
from identity.principal import PersonId
from notifications.devices import devices_of

_SPARE = 50
"""How many more slots of a specialty are looked at than there are appointments: people cannot take every one."""


async def find_replacements(
    rows: Rows,
    of: Range,
    affected: Sequence[Affected],
    *,
    now: datetime,
    booking: BookingTerms,
    terms: CancellationTerms,
    without: Collection[SlotId] = (),
) -> dict[AppointmentId, SlotId]:
    """Return the slot to offer for each appointment, outside what is cancelled; left out who gets none.

    Args:
        rows: Where to read.
        of: What is cancelled.
        affected: Its appointments.
        now: The present.
        booking: How far ahead the clinics' desks book.
        terms: How soon a replacement may begin.
        without: Slots that are not offered.
    """
    if not affected:
        return {}
    town = await slot_queries.town_of(rows, of.clinic_id)
    until = horizon(booking.horizons, Channel.REGISTRY, now)
    candidates: list[Slot] = []
    for specialty_id in sorted({one.slot.specialty_id for one in affected}):
        candidates += await range_queries.free_slots(
            rows,
            of,
            specialty_id,
            town=town,
            now=now,
            since=now + terms.notice,
            until=until,
            limit=len(affected) + len(without) + _SPARE,
        )
    people = {one.person_id for one in affected}
    whom = _Whom(
        await _terms_of(rows, candidates), {one: await eligibility_queries.facts_of(rows, one) for one in people}
    )
    busy = await range_queries.busy(rows, people, now=now)
    offered = [slot for slot in candidates if slot.id not in without]
    return pair_up(affected, offered, town=town, busy=busy, fits=whom.fits)


class _Whom:
    """Tells for whom the slots are; what it cannot tell is asked again when the slot is held."""

    def __init__(
        self, terms: dict[tuple[ClinicId, SpecialtyId], SlotTerms], facts: dict[PersonId, PatientFacts]
    ) -> None:
        self._terms = terms
        self._facts = facts

    def fits(self, person_id: PersonId, slot: Slot) -> bool:
        terms = self._terms[slot.clinic.id, slot.specialty.id]
        try:
            check_person_fits(slot, terms, self._facts[person_id])
        except BookingRefusal:
            return False
        return True


async def _terms_of(rows: Rows, slots: Sequence[Slot]) -> dict[tuple[ClinicId, SpecialtyId], SlotTerms]:
    """Return what the slots ask of people: the same wherever clinic and specialty are."""
    one_of_each = {(slot.clinic.id, slot.specialty.id): slot.id for slot in slots}
    return {key: await eligibility_queries.terms_of(rows, slot_id) for key, slot_id in one_of_each.items()}


async def reachable(session: AsyncSession, person_ids: Collection[PersonId]) -> set[PersonId]:
    """Return those of the people who have a device to wake, a telephone or a mail address."""
    if not person_ids:
        return set()
    devices = await devices_of(session, person_ids)
    known = await Contacts().contacts(session, person_ids)
    by_contact = {PersonId(one) for one, contact in known.items() if contact.phone or contact.email}
    return by_contact | {PersonId(device.person_id) for device in devices}
