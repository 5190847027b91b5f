"""The audit of accesses: a hash chain a person, written in the transaction of the caller (S41).

A row cannot be changed, taken out or moved without the hashes saying so; that the end was cut off shows in the heads
and anchors (`identity.anchors`). Source: 152-ФЗ art. 19; domain reference, §8 "Audit".
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.access import Action
from identity.audit_tables import HASH_LENGTH, AuditEntryRow, AuditHeadRow, AuditOutcome
from identity.capacities import PURPOSE_OF, Grounds
from identity.principal import PersonId, Principal

GENESIS = "0" * HASH_LENGTH
"""Stands before the first entry of every chain."""

_LONGEST_TRACE = 64


@dataclass(frozen=True, slots=True)
class Access:
    """What is to be written: who did what, to whose data, on which grounds; None where it was denied."""

    actor: Principal
    person_id: PersonId
    actions: frozenset[Action]
    grounds: Grounds | None
    at: datetime
    trace_id: str = ""
    times: int = 1


async def append(session: AsyncSession, accesses: Sequence[Access]) -> None:
    """Write accesses at the ends of their persons' chains; the caller commits them with what was accessed.

    Persons are locked in the order of their ids, so that two writers never wait for each other.
    """
    for access in sorted(accesses, key=lambda one: (one.person_id.bytes, one.at)):
        head = await _lock_head(session, access.person_id)
        entry = _entry(access, sequence=head.sequence + 1, previous=head.hash)
        head.sequence, head.hash = entry.sequence, entry.hash
        session.add(entry)
        session.add(head)
        await session.flush()


def hash_of(entry: AuditEntryRow) -> str:
    """Return the SHA-256 over everything an entry says and the hash of the one before, in hex."""
    said = {
        "person": entry.person_id.hex,
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id.hex,
        "kind": entry.actor_kind.value,
        "capacity": _word(entry.capacity),
        "purpose": _word(entry.purpose),
        "organization": entry.organization,
        "on_behalf_of": _hex(entry.on_behalf_of),
        "actions": entry.actions,
        "outcome": entry.outcome.value,
        "session": entry.session_id.hex,
        "trace": entry.trace_id,
        "reference": _hex(entry.reference),
        "times": entry.times,
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def words(actions: Iterable[Action]) -> str:
    """Return actions as an entry keeps them."""
    return ",".join(sorted(action.value for action in actions))


def _entry(access: Access, *, sequence: int, previous: str) -> AuditEntryRow:
    grounds = access.grounds
    mandate = grounds.mandate if grounds else None
    capacity = grounds.capacity if grounds else None
    entry = AuditEntryRow(
        person_id=access.person_id,
        sequence=sequence,
        at=access.at.astimezone(UTC),
        actor_id=access.actor.person_id,
        actor_kind=access.actor.kind,
        capacity=capacity,
        purpose=PURPOSE_OF[capacity] if capacity else None,
        organization=access.actor.organization,
        on_behalf_of=mandate.on_behalf_of if mandate else None,
        actions=words(access.actions),
        outcome=AuditOutcome.ALLOWED if grounds else AuditOutcome.DENIED,
        session_id=access.actor.session_id,
        trace_id=access.trace_id[:_LONGEST_TRACE],
        reference=mandate.reference if mandate else None,
        times=access.times,
        previous_hash=previous,
        hash="",
    )
    entry.hash = hash_of(entry)
    return entry


async def _lock_head(session: AsyncSession, person_id: PersonId) -> AuditHeadRow:
    """Return the head of a chain, made when it is the first, locked until the transaction ends."""
    values = {"person_id": person_id, "sequence": 0, "hash": GENESIS, "anchored": 0}
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (
        postgresql.insert(AuditHeadRow).values(values).on_conflict_do_nothing()
        if on_postgresql
        else sqlite.insert(AuditHeadRow).values(values).on_conflict_do_nothing()
    )
    statement = (
        select(AuditHeadRow)
        .where(col(AuditHeadRow.person_id) == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        await session.exec(insert)
        found = (await session.exec(statement)).one()
    return found


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex
