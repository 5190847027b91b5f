"""A person's use of their own rights: counted a session and hour, written in the background, chained hour by hour.

What is not flushed yet is lost with the process: at most `FLUSH_SECONDS` of a person's own looks at their own data.
Everybody else's accesses are written before they get an answer (`identity.access_control`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.access import Action
from identity.audit import Access, append, words
from identity.audit_tables import LONGEST_ACTIONS, OwnAccessRow
from identity.capacities import OF_OWN_ACCOUNT, Grounds, Mandate
from identity.kiosk_settings import machine_id_of
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId
from identity.transactions import Transaction

FLUSH_SECONDS = 30
HOUR = timedelta(hours=1)

_MOST_CHAINED = 5_000

BITS: Mapping[Action, int] = MappingProxyType(
    {
        Action.READ_PROFILE: 0,
        Action.READ_POLICY: 1,
        Action.READ_APPOINTMENTS: 2,
        Action.HOLD_SLOT: 3,
        Action.BOOK_APPOINTMENT: 4,
        Action.CANCEL_APPOINTMENT: 5,
        Action.READ_INBOX: 6,
        Action.MARK_NOTIFICATION_SEEN: 7,
        Action.READ_ACCESS_LOG: 8,
        Action.REPORT_ACCESS: 9,
        Action.READ_REPRESENTATION: 10,
        Action.CONFIRM_CHILD: 11,
        Action.GRANT_REPRESENTATION: 12,
        Action.END_REPRESENTATION: 13,
        Action.READ_CONSENTS: 14,
        Action.GIVE_CONSENT: 15,
        Action.WITHDRAW_CONSENT: 16,
        Action.EXPORT_DATA: 17,
        Action.REQUEST_ERASURE: 18,
        Action.ANSWER_REPRESENTATION: 19,
        Action.READ_SESSIONS: 20,
        Action.END_SESSION: 21,
        Action.READ_EXPORTS: 22,
        Action.DOWNLOAD_EXPORT: 23,
        Action.DELETE_EXPORT: 24,
        Action.READ_ERASURE: 25,
        Action.CANCEL_ERASURE: 26,
        Action.CREATE_HANDOVER: 27,
        Action.ACCEPT_HANDOVER: 28,
        Action.ACKNOWLEDGE_NOTIFICATIONS: 29,
        Action.READ_DEVICES: 30,
        Action.REGISTER_DEVICE: 31,
        Action.UNREGISTER_DEVICE: 32,
        Action.READ_PREFERENCES: 33,
        Action.CHANGE_PREFERENCES: 34,
        Action.READ_CALENDAR_FEED: 35,
        Action.CHANGE_CALENDAR_FEED: 36,
        Action.FOLLOW_CALENDAR_FEED: 37,
        Action.CHANGE_WAITING_LIST: 38,
        Action.APPEAL_NO_SHOW: 39,
        Action.READ_CALL_BACKS: 40,
        Action.CHANGE_CALL_BACKS: 41,
    }
)
"""The place of each action that somebody may do about themself; a place is never given anew."""


_Key: TypeAlias = tuple[PersonId, SessionId, ActorKind, datetime]
"""What is counted together: a person, a session, as what, and an hour (its beginning, UTC).

In the table a session has one row an hour: one in which the person and their device met is the person's.
"""


@dataclass(slots=True)
class _Used:
    """The bits of what was used, how often anything was, and at which kiosk."""

    actions: int = 0
    times: int = 0
    machine: UUID | None = None


class OwnAccesses:
    """Counts in memory; to be flushed now and then, and once more at the end."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin with nothing counted."""
        self._clock = clock
        self._used: dict[_Key, _Used] = {}
        self._hour = datetime.min.replace(tzinfo=UTC)

    def note(self, actor: Principal, action: Action) -> None:
        """Count one use of an own right."""
        key = actor.person_id, actor.session_id, actor.kind, self._hour_of(self._clock())
        if (used := self._used.get(key)) is None:
            used = self._used[key] = _Used()
        used.actions |= 1 << BITS[action]
        used.times += 1
        if actor.kind is ActorKind.KIOSK and actor.key_thumbprint is not None:
            used.machine = machine_id_of(actor.key_thumbprint)

    async def flush(self, transaction: Transaction) -> int:
        """Write what was counted, in a transaction of its own; return how many rows.

        What could not be committed is counted again at the next flush.
        """
        used, self._used = self._used, {}
        if not used:
            return 0
        try:
            async with transaction() as session:
                await _add(session, [_row(key, used[key]) for key in sorted(used, key=_order)])
        except BaseException:
            for key, one in used.items():
                self._take_back(key, one)
            raise
        return len(used)

    def _take_back(self, key: _Key, one: _Used) -> None:
        later = self._used.setdefault(key, _Used())
        later.actions |= one.actions
        later.times += one.times
        later.machine = later.machine or one.machine

    def _hour_of(self, now: datetime) -> datetime:
        if not timedelta(0) <= now - self._hour < HOUR:
            self._hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return self._hour


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
        .with_for_update()
    )
    rows = (await session.exec(statement)).all()
    await append(session, [access for row in rows for access in _accesses(row)])
    for row in rows:
        await session.delete(row)
    return len(rows)


def actions_of(bits: int) -> frozenset[Action]:
    """Return the actions whose bits are set."""
    return frozenset(action for action, place in BITS.items() if bits >> place & 1)


def _accesses(row: OwnAccessRow) -> list[Access]:
    """Return what an hour comes to: one entry, or several where one has no room for the words of all its actions.

    Each tells how often the person looked in that hour, over all of its actions: what is counted is the hour.
    """
    whole = _access(row)
    parts: list[set[Action]] = [set()]
    for action in sorted(whole.actions):
        if len(words({*parts[-1], action})) > LONGEST_ACTIONS:
            parts.append(set())
        parts[-1].add(action)
    return [replace(whole, actions=frozenset(part)) for part in parts]


def _access(row: OwnAccessRow) -> Access:
    hour = row.hour.astimezone(UTC)
    actor = Principal(
        row.actor_kind, PersonId(row.person_id), Assurance.CONFIRMED, SessionId(row.session_id), expires_at=hour
    )
    capacity = OF_OWN_ACCOUNT[row.actor_kind]
    at_machine = None if row.reference is None else Mandate(capacity, reference=row.reference)
    grounds = Grounds(capacity, at_machine)
    return Access(actor, actor.person_id, actions_of(row.actions), grounds, at=hour, times=row.times)


def _order(key: _Key) -> tuple[bytes, bytes, datetime]:
    """Return where a row is locked: two processes never wait for each other."""
    return key[0].bytes, key[1].bytes, key[3]


def _row(key: _Key, used: _Used) -> dict[str, object]:
    person_id, session_id, kind, hour = key
    return {
        "person_id": person_id,
        "session_id": session_id,
        "hour": hour,
        "actions": used.actions,
        "actor_kind": kind,
        "times": used.times,
        "reference": used.machine,
    }


async def _add(session: AsyncSession, rows: list[dict[str, object]]) -> None:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(OwnAccessRow) if on_postgresql else sqlite.insert(OwnAccessRow)
    kept, new = SQLModel.metadata.tables[OwnAccessRow.__tablename__].c, insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=["person_id", "session_id", "hour"],
        set_={
            "times": kept.times + new.times,
            "actions": kept.actions.op("|")(new.actions),
            "actor_kind": case((new.actor_kind == ActorKind.DEVICE, kept.actor_kind), else_=new.actor_kind),
        },
    )
    await (await session.connection()).execute(statement, rows)
