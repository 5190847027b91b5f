"""A person's use of their own rights: counted a session and hour, written in the background, chained hour by hour.

What is not flushed yet is lost with the process: at most `FLUSH_SECONDS` of a person's own looks at their own data.
Everybody else's accesses are written before they get an answer (`identity.access_control`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.access import Action
from identity.audit import Access, append
from identity.audit_tables import OwnAccessRow
from identity.capacities import OF_OWN_ACCOUNT, Grounds
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId
from identity.transactions import Transaction

FLUSH_SECONDS = 30
HOUR = timedelta(hours=1)

_MOST_CHAINED = 5_000


@dataclass(frozen=True, slots=True)
class _Key:
    """What is counted together."""

    person_id: PersonId
    session_id: SessionId
    kind: ActorKind
    hour: datetime
    action: Action


class OwnAccesses:
    """Counts in memory; to be flushed now and then, and once more at the end."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin with nothing counted."""
        self._clock = clock
        self._counted: Counter[_Key] = Counter()

    def note(self, actor: Principal, action: Action) -> None:
        """Count one use of an own right."""
        hour = self._clock().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        self._counted[_Key(actor.person_id, actor.session_id, actor.kind, hour, action)] += 1

    async def flush(self, transaction: Transaction) -> int:
        """Write what was counted, in a transaction of its own; return how many rows.

        What could not be committed is counted again at the next flush.
        """
        counted, self._counted = self._counted, Counter()
        if not counted:
            return 0
        try:
            async with transaction() as session:
                for key in sorted(counted, key=_order):
                    await _add(session, key, counted[key])
        except BaseException:
            self._counted.update(counted)
            raise
        return len(counted)


async def chain_hours(session: AsyncSession, now: datetime) -> int:
    """Move the hours that are over from their counts to the audit, an entry a session and hour; return how many.

    An hour is left alone for as long as some process may still flush into it.
    """
    over = now.astimezone(UTC) - HOUR - timedelta(seconds=4 * FLUSH_SECONDS)
    statement = (
        select(OwnAccessRow)
        .where(col(OwnAccessRow.hour) <= over)
        .order_by(col(OwnAccessRow.person_id), col(OwnAccessRow.session_id), col(OwnAccessRow.hour))
        .limit(_MOST_CHAINED)
    )
    rows = (await session.exec(statement)).all()
    gathered: dict[tuple[PersonId, SessionId, datetime, ActorKind], list[OwnAccessRow]] = {}
    for row in rows:
        key = PersonId(row.person_id), SessionId(row.session_id), row.hour.astimezone(UTC), row.actor_kind
        gathered.setdefault(key, []).append(row)
    await append(session, [_access(*key, counted) for key, counted in gathered.items()])
    for row in rows:
        await session.exec(
            delete(OwnAccessRow)
            .where(
                col(OwnAccessRow.person_id) == row.person_id,
                col(OwnAccessRow.session_id) == row.session_id,
                col(OwnAccessRow.hour) == row.hour,
                col(OwnAccessRow.action) == row.action,
            )
            .execution_options(synchronize_session=False)
        )
    return len(gathered)


def _access(
    person_id: PersonId, session_id: SessionId, hour: datetime, kind: ActorKind, counted: list[OwnAccessRow]
) -> Access:
    actor = Principal(kind, person_id, Assurance.CONFIRMED, session_id, expires_at=hour)
    actions = frozenset(Action(row.action) for row in counted)
    times = sum(row.times for row in counted)
    return Access(actor, person_id, actions, Grounds(OF_OWN_ACCOUNT[kind]), at=hour, times=times)


def _order(key: _Key) -> tuple[bytes, bytes, datetime, str]:
    """Return where a row is locked: two processes never wait for each other."""
    return key.person_id.bytes, key.session_id.bytes, key.hour, key.action.value


async def _add(session: AsyncSession, key: _Key, times: int) -> None:
    values = {
        "person_id": key.person_id,
        "session_id": key.session_id,
        "hour": key.hour,
        "action": key.action.value,
        "actor_kind": key.kind,
        "times": times,
    }
    unique = ["person_id", "session_id", "hour", "action"]
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(OwnAccessRow) if on_postgresql else sqlite.insert(OwnAccessRow)
    statement = insert.values(values).on_conflict_do_update(
        index_elements=unique, set_={"times": OwnAccessRow.__table__.c.times + insert.excluded.times}
    )
    await session.exec(statement)
