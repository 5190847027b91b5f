"""Anchors over the audit's chains, and the check that finds every tampering (S41)."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import orjson
import structlog
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.audit import GENESIS, hash_of
from identity.audit_tables import AuditAnchoredHeadRow, AuditAnchorRow, AuditEntryRow, AuditHeadRow

MOST_HEADS = 10_000
"""How many heads one anchor takes; what is left waits for the next one."""

_BATCH = 1_000

_log = structlog.get_logger("audit")


class Flaw(StrEnum):
    """What is wrong with a chain."""

    EDITED = "edited"
    """An entry does not say what its hash was made of."""
    MISSING = "missing"
    """A number of the sequence is not there."""
    REORDERED = "reordered"
    """An entry does not follow the one before it."""
    TRUNCATED = "truncated"
    """The chain ends before its head, or before what was anchored."""
    HEAD_CHANGED = "head_changed"
    """The head is not the last entry."""
    ANCHOR_CHANGED = "anchor_changed"
    """An anchor, or a head as it saw it, is not what its hash was made of; or is not what was published."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw; of a person's chain at a place of its sequence, or of an anchor by its number."""

    flaw: Flaw
    person_id: UUID | None
    place: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is published of an anchor, outside of the database: who holds it can prove what was cut off since."""

    number: int
    hash: str


async def anchor_heads(session: AsyncSession, now: datetime) -> int:
    """Anchor the heads that have moved; return how many. One process does it at a time, as every sweep.

    The log line carries number and hash: whoever keeps the log elsewhere holds what `verify` takes as published.
    """
    moved = (
        select(AuditHeadRow)
        .where(col(AuditHeadRow.sequence) > col(AuditHeadRow.anchored))
        .order_by(col(AuditHeadRow.person_id))
        .limit(MOST_HEADS)
        .with_for_update(skip_locked=True)
    )
    heads = (await session.exec(moved)).all()
    if not heads:
        return 0
    newest = await newest_anchor(session)
    number, previous = (newest.number + 1, newest.hash) if newest else (1, GENESIS)
    leaves = [
        AuditAnchoredHeadRow(person_id=head.person_id, anchor=number, sequence=head.sequence, hash=head.hash)
        for head in heads
    ]
    anchor = AuditAnchorRow(number=number, at=now.astimezone(UTC), heads=len(leaves), previous_hash=previous, hash="")
    anchor.hash = _hash_of_anchor(anchor, leaves)
    session.add(anchor)
    await session.flush()
    session.add_all(leaves)
    for head in heads:
        head.anchored = head.sequence
        session.add(head)
    await session.flush()
    _log.info("audit_anchored", number=number, hash=anchor.hash, heads=len(heads))
    return len(heads)


async def newest_anchor(session: AsyncSession) -> Anchor | None:
    """Return the newest anchor, or None before the first one."""
    statement = select(AuditAnchorRow).order_by(col(AuditAnchorRow.number).desc()).limit(1)
    found = (await session.exec(statement)).one_or_none()
    return Anchor(found.number, found.hash) if found else None


async def count_entries(session: AsyncSession) -> int:
    """Count all entries, for a progress bar."""
    return (await session.exec(select(func.count()).select_from(AuditEntryRow))).one()


async def verify(session: AsyncSession, published: Anchor | None = None) -> AsyncIterator[Finding | int]:
    """Check every chain and every anchor, without holding more than a batch of them.

    Args:
        session: Sees one state from beginning to end: a transaction.
        published: An anchor as somebody outside has kept it; it must still be there, unchanged.

    Yields:
        Findings, chain by chain; and after each batch of entries how many it had.
    """
    async for one in _verify_chains(session):
        yield one
    async for finding in _verify_anchors(session, published):
        yield finding


async def _verify_chains(session: AsyncSession) -> AsyncIterator[Finding | int]:
    after: tuple[UUID, int] | None = None
    chain = _Chain(None)
    while batch := await _entries(session, after):
        for entry in batch:
            if entry.person_id != chain.person_id:
                for finding in await _end(session, chain):
                    yield finding
                chain = _Chain(entry.person_id)
            for finding in chain.take(entry):
                yield finding
        after = batch[-1].person_id, batch[-1].sequence
        session.expunge_all()
        yield len(batch)
    for finding in await _end(session, chain):
        yield finding
    async for finding in _heads_without_entries(session):
        yield finding


class _Chain:
    """One person's chain, as far as it was read."""

    def __init__(self, person_id: UUID | None) -> None:
        self.person_id = person_id
        self.sequence = 0
        self.hash = GENESIS
        self.hashes: dict[int, str] = {}

    def take(self, entry: AuditEntryRow) -> list[Finding]:
        found = []
        if hash_of(entry) != entry.hash:
            found.append(Finding(Flaw.EDITED, entry.person_id, entry.sequence))
        if entry.sequence != self.sequence + 1:
            found.append(Finding(Flaw.MISSING, entry.person_id, self.sequence + 1))
        elif entry.previous_hash != self.hash:
            found.append(Finding(Flaw.REORDERED, entry.person_id, entry.sequence))
        self.sequence, self.hash = entry.sequence, entry.hash
        self.hashes[entry.sequence] = entry.hash
        return found


async def _entries(session: AsyncSession, after: tuple[UUID, int] | None) -> Sequence[AuditEntryRow]:
    person, sequence = col(AuditEntryRow.person_id), col(AuditEntryRow.sequence)
    statement = select(AuditEntryRow).order_by(person, sequence).limit(_BATCH)
    if after is not None:
        statement = statement.where((person > after[0]) | ((person == after[0]) & (sequence > after[1])))
    return (await session.exec(statement)).all()


async def _end(session: AsyncSession, chain: _Chain) -> list[Finding]:
    if chain.person_id is None:
        return []
    head = (
        await session.exec(select(AuditHeadRow).where(col(AuditHeadRow.person_id) == chain.person_id))
    ).one_or_none()
    found = []
    if head is None:
        found.append(Finding(Flaw.HEAD_CHANGED, chain.person_id, chain.sequence))
    elif head.sequence > chain.sequence:
        found.append(Finding(Flaw.TRUNCATED, chain.person_id, chain.sequence + 1))
    elif (head.sequence, head.hash) != (chain.sequence, chain.hash):
        found.append(Finding(Flaw.HEAD_CHANGED, chain.person_id, head.sequence))
    of_person = col(AuditAnchoredHeadRow.person_id) == chain.person_id
    for leaf in (await session.exec(select(AuditAnchoredHeadRow).where(of_person))).all():
        if leaf.sequence > chain.sequence:
            found.append(Finding(Flaw.TRUNCATED, chain.person_id, chain.sequence + 1))
        elif chain.hashes.get(leaf.sequence) != leaf.hash:
            found.append(Finding(Flaw.EDITED, chain.person_id, leaf.sequence))
    return list(dict.fromkeys(found))


async def _heads_without_entries(session: AsyncSession) -> AsyncIterator[Finding]:
    has_entries = select(AuditEntryRow.person_id).where(col(AuditEntryRow.person_id) == col(AuditHeadRow.person_id))
    bare = select(AuditHeadRow.person_id).where(col(AuditHeadRow.sequence) > 0, ~has_entries.exists())
    for person_id in (await session.exec(bare)).all():
        yield Finding(Flaw.TRUNCATED, person_id, 1)


async def _verify_anchors(session: AsyncSession, published: Anchor | None) -> AsyncIterator[Finding]:
    previous, number = GENESIS, 0
    known = published is None
    async for anchor in _anchors(session):
        of_anchor = col(AuditAnchoredHeadRow.anchor) == anchor.number
        leaves = (
            await session.exec(
                select(AuditAnchoredHeadRow).where(of_anchor).order_by(col(AuditAnchoredHeadRow.person_id))
            )
        ).all()
        is_next = anchor.number == number + 1 and anchor.previous_hash == previous
        if not is_next or anchor.heads != len(leaves) or anchor.hash != _hash_of_anchor(anchor, leaves):
            yield Finding(Flaw.ANCHOR_CHANGED, None, anchor.number)
        if published is not None and (anchor.number, anchor.hash) == (published.number, published.hash):
            known = True
        previous, number = anchor.hash, anchor.number
    if not known and published is not None:
        yield Finding(Flaw.ANCHOR_CHANGED, None, published.number)


async def _anchors(session: AsyncSession) -> AsyncIterator[AuditAnchorRow]:
    last = 0
    number = col(AuditAnchorRow.number)
    while batch := (
        await session.exec(select(AuditAnchorRow).where(number > last).order_by(number).limit(_BATCH))
    ).all():
        last = batch[-1].number
        for anchor in batch:
            yield anchor


def _hash_of_anchor(anchor: AuditAnchorRow, leaves: Sequence[AuditAnchoredHeadRow]) -> str:
    seen = [
        [leaf.person_id.hex, leaf.sequence, leaf.hash] for leaf in sorted(leaves, key=lambda one: one.person_id.hex)
    ]
    said = [anchor.number, anchor.at.astimezone(UTC).isoformat(), anchor.previous_hash, seen]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()
