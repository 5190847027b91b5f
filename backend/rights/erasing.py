"""What an erasure takes and leaves, counted and done by the table of holdings alone, in the caller's transaction."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, Table, and_, delete, func, not_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.rights.holdings import ELSEWHERE, HOLDINGS
from backend.rights.retention import Holding, Keep, Reduce
from backend.rights.values import ErasureItem, Law, Treatment
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of a table, and what becomes of them."""

    table: Table
    holding: Holding
    rows: ColumnElement[bool]
    treatment: Treatment
    law: Law | None = None
    cleared: tuple[str, ...] = ()

    def item(self, rows: int) -> ErasureItem:
        return ErasureItem(self.table.name, self.holding.title, self.treatment, rows, self.law)


async def plan_erasure(
    session: AsyncSession, metadata: MetaData, person_id: PersonId, now: datetime
) -> tuple[ErasureItem, ...]:
    """Return what an erasure would take and leave now, by the name of the table; nothing is changed.

    What others keep stands at the end, so that nobody looks for it here in vain.
    """
    items = [part.item(await _count(session, part)) async for part in _parts(session, metadata, person_id, now)]
    return _told(items)


async def erase_person(
    session: AsyncSession, metadata: MetaData, person_id: PersonId, now: datetime
) -> tuple[ErasureItem, ...]:
    """Erase everything that need not stay; return what was taken and what is left. Repeating it takes nothing more.

    Rows that point at others go first. Rows of other people that name this person stay theirs: an id without a person.
    """
    parts = [part async for part in _parts(session, metadata, person_id, now)]
    order = {table.name: place for place, table in enumerate(reversed(metadata.sorted_tables))}
    parts.sort(key=lambda one: (order[one.table.name], one.treatment is not Treatment.ERASED))
    items = [part.item(await _treat(session, part)) for part in parts]
    return _told(sorted(items, key=lambda one: (one.table, one.treatment)))


async def stays_until(session: AsyncSession, metadata: MetaData, person_id: PersonId, now: datetime) -> datetime | None:
    """Return when the next of what stays for a while ends, to look again then; None when all that stays is for good."""
    ends: list[datetime] = []
    for name, holding in HOLDINGS.items():
        kept = holding.retention
        if isinstance(kept, Keep) and kept.only is not None and kept.ends is not None:
            table = metadata.tables[name]
            condition = and_(holding.rows_of(table, person_id), kept.only(table, now))
            latest = select(func.max(table.c[kept.ends])).where(condition)
            found: datetime | None = (await (await session.connection()).execute(latest)).scalar_one()
            ends += [] if found is None else [found]
    return max(ends, default=None)


async def _parts(session: AsyncSession, metadata: MetaData, person_id: UUID, now: datetime) -> AsyncIterator[_Part]:
    for name, holding in sorted(HOLDINGS.items()):
        table = metadata.tables[name]
        mine, kept = holding.rows_of(table, person_id), holding.retention
        if isinstance(kept, Keep) and kept.only is None:
            yield _Part(table, holding, mine, Treatment.KEPT, kept.law)
        elif isinstance(kept, Keep) and kept.only is not None:
            stays = kept.only(table, now)
            yield _Part(table, holding, and_(mine, not_(stays)), Treatment.ERASED)
            yield _Part(table, holding, and_(mine, stays), Treatment.KEPT, kept.law)
        elif isinstance(kept, Reduce) and await _is_needed(session, metadata, kept, person_id, now):
            yield _Part(table, holding, mine, Treatment.REDUCED, kept.law, kept.cleared)
        else:
            yield _Part(table, holding, mine, Treatment.ERASED)


async def _is_needed(
    session: AsyncSession, metadata: MetaData, reduced: Reduce, person_id: UUID, now: datetime
) -> bool:
    """Return whether any row stays in the tables that need this one."""
    for name in reduced.beside:
        table, holding = metadata.tables[name], HOLDINGS[name]
        kept = holding.retention
        if not isinstance(kept, Keep):
            continue
        condition = holding.rows_of(table, person_id)
        if kept.only is not None:
            condition = and_(condition, kept.only(table, now))
        found = select(func.count()).select_from(table).where(condition)
        if (await (await session.connection()).execute(found)).scalar_one():
            return True
    return False


async def _count(session: AsyncSession, part: _Part) -> int:
    statement = select(func.count()).select_from(part.table).where(part.rows)
    return int((await (await session.connection()).execute(statement)).scalar_one())


async def _treat(session: AsyncSession, part: _Part) -> int:
    """Do to the rows what becomes of them; return how many there were."""
    connection = await session.connection()
    if part.treatment is Treatment.ERASED:
        await _empty_trace(connection, part)
        return (await connection.execute(delete(part.table).where(part.rows))).rowcount
    if part.cleared:
        emptied = dict.fromkeys(part.cleared)
        return (await connection.execute(update(part.table).where(part.rows).values(emptied))).rowcount
    return await _count(session, part)


async def _empty_trace(connection: AsyncConnection, part: _Part) -> None:
    """Empty what another table keeps of rows that go; these are locked first, as by whoever works at them."""
    if (trace := part.holding.trace) is None:
        return
    named = select(*(part.table.c[name] for name in trace.named_by)).where(part.rows).with_for_update()
    keys = [tuple(row) for row in await connection.execute(named) if None not in tuple(row)]
    if not keys:
        return
    other = part.table.metadata.tables[trace.table]
    kept = tuple_(*(other.c[name] for name in trace.key)).in_(keys)
    await connection.execute(update(other).where(kept).values({trace.column: ""}))


def _told(items: list[ErasureItem]) -> tuple[ErasureItem, ...]:
    """Return those with rows, and what others keep."""
    elsewhere = [ErasureItem(name, title, Treatment.KEPT, 0, law) for name, (title, law) in ELSEWHERE.items()]
    return (*(item for item in items if item.rows), *elsewhere)
