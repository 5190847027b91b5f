"""All SQL that changes the waiting list, and the lock that puts its changes in a row.

Whoever changes a list takes locks in this order: the list of the specialty, the slot, the person.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import fetch
from backend.booking.values import ClinicId
from backend.waiting_list.tables import WaitingListClinicRow, WaitingListEntryRow, WaitingListOfferRow
from backend.waiting_list.values import OPEN_STATES, EntryId, EntryState, OfferOutcome
from identity.principal import PersonId

_entry, _offer = WaitingListEntryRow, WaitingListOfferRow


async def lock_list(session: AsyncSession, specialty_id: UUID) -> None:
    """Let one change of the list of a specialty be made at a time; on SQLite writers already follow one another."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"waiting:{specialty_id}", 0)
        await fetch(session, select(func.pg_advisory_xact_lock(name)))


async def next_place(session: AsyncSession, specialty_id: UUID) -> int:
    """Return the last place of the list of a specialty, which the caller has locked."""
    last = select(func.max(col(_entry.place))).where(col(_entry.specialty_id) == specialty_id)
    return int((await fetch(session, last))[0][0] or 0) + 1


async def open_specialties(session: AsyncSession, person_id: PersonId) -> list[UUID]:
    """Return for which specialties the person waits, whatever the state."""
    mine = select(col(_entry.specialty_id)).where(
        col(_entry.person_id) == person_id, col(_entry.state).in_(OPEN_STATES)
    )
    return [row[0] for row in await fetch(session, mine)]


async def insert_entry(session: AsyncSession, entry: WaitingListEntryRow, clinic_ids: Sequence[ClinicId]) -> None:
    """Add an entry and its clinics."""
    session.add(entry)
    for clinic_id in clinic_ids:
        session.add(WaitingListClinicRow(person_id=entry.person_id, entry_id=entry.id, clinic_id=clinic_id))
    await session.flush()


async def change_entry(
    session: AsyncSession,
    person_id: PersonId,
    entry_id: UUID,
    *,
    among_states: Sequence[EntryState] = OPEN_STATES,
    **values: Any,
) -> bool:
    """Write columns of the person's own entry when it is in one of these states; return whether it is."""
    wanted = update(_entry).where(
        col(_entry.person_id) == person_id, col(_entry.id) == entry_id, col(_entry.state).in_(among_states)
    )
    return await _changed(session, wanted.values(**values)) > 0


async def insert_offer(session: AsyncSession, offer: WaitingListOfferRow) -> None:
    """Add an offer."""
    session.add(offer)
    await session.flush()


async def settle_offer(
    session: AsyncSession, person_id: PersonId, offer_id: UUID, outcome: OfferOutcome, *, now: datetime
) -> EntryId | None:
    """Write what became of the person's offer; return whose entry it is, None when it is settled or there is none."""
    settled = (
        update(_offer)
        .where(col(_offer.person_id) == person_id, col(_offer.id) == offer_id, col(_offer.outcome) == OfferOutcome.OPEN)
        .values(outcome=outcome, settled_at=now)
        .returning(col(_offer.entry_id))
    )
    found = await fetch(session, settled)
    return EntryId(found[0][0]) if found else None


async def end_entries(session: AsyncSession, now: datetime) -> int:
    """Let every entry end whose last day is over everywhere; one that is offered a slot is settled first."""
    over = update(_entry).where(
        col(_entry.ends_at) <= now, col(_entry.state).in_((EntryState.WAITING, EntryState.PAUSED))
    )
    return await _changed(session, over.values(state=EntryState.EXPIRED, ended_at=now))


async def _changed(session: AsyncSession, statement: Any) -> int:
    return (await (await session.connection()).execute(statement)).rowcount
