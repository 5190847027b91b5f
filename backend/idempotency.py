"""Doing a thing once, however often it is asked: the outcome is kept by key, refusals included (R56)."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import JSON, Column, DateTime, Index, PrimaryKeyConstraint, delete, func, select
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.errors import Operational, Refusal

KEPT_FOR = timedelta(hours=72)
"""How long a key is remembered. Source: our API conventions, "Idempotency"."""

T = TypeVar("T")
Facts = Mapping[str, Any]
"""A JSON object."""


class IdempotencyKeyReused(Refusal):
    """The key was used before with another input."""

    code = "IDEMPOTENCY_KEY_REUSED"


class IdempotencyInFlight(Operational):
    """The first request with this key is still being worked on."""

    code = "IDEMPOTENCY_IN_FLIGHT"
    retry_after_ms = 500


class IdempotencyKeyRow(SQLModel, table=True):
    """One finished request: `outcome` is `{"refused": code or null, "facts": {…}}`."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        PrimaryKeyConstraint("actor_id", "operation", "key", name="idempotency_keys_pk"),
        Index("idempotency_keys_created_at", "created_at"),
    )

    actor_id: UUID
    operation: str = Field(max_length=64)
    key: UUID
    request_hash: str = Field(max_length=64)
    outcome: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a service did; `replayed` when it was done by an earlier request with the same key."""

    value: T
    replayed: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked once: `inputs` is everything that decides what is to be done, as a JSON object."""

    actor_id: UUID
    operation: str
    key: UUID
    inputs: Facts

    def hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of the inputs, in hex."""
        return hashlib.sha256(orjson.dumps(self.inputs, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """How it ended: `refused` is a code or None; `facts` are those of the work or of the explanation."""

    refused: str | None
    facts: Facts
    replayed: bool


async def run_once(
    session: AsyncSession,
    request: Request,
    *,
    now: datetime,
    work: Callable[[], Awaitable[Facts]],
    explain: Callable[[Refusal], Awaitable[Facts]],
) -> Recorded:
    """Do `work` unless its key is known, and record how it ended in the same transaction.

    Args:
        session: A writing session; the caller commits it, whether or not the work was refused.
        request: Who asks what, under which key.
        now: The present; a key older than `KEPT_FOR` is forgotten.
        work: Changes the database through `session`; what a refused work wrote is undone.
        explain: Gives the facts to keep about a refusal; called after the undoing.

    Returns:
        The outcome, that of the first request when the key is known.

    Raises:
        IdempotencyKeyReused: The key came with other inputs before; nothing is done.
        IdempotencyInFlight: The first request with the key has not ended; nothing is done.
    """
    await _claim(session, request)
    if (known := await _find(session, request)) is not None and known.created_at > now - KEPT_FOR:
        if known.request_hash != request.hash():
            raise IdempotencyKeyReused
        return Recorded(known.outcome["refused"], known.outcome["facts"], replayed=True)
    if known is not None:
        await session.delete(known)
        await session.flush()
    refused: str | None = None
    try:
        async with session.begin_nested():
            facts = await work()
    except Refusal as refusal:
        refused, facts = refusal.code, await explain(refusal)
    session.add(_row(request, refused=refused, facts=facts, now=now))
    await session.flush()
    return Recorded(refused, facts, replayed=False)


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete the keys that are forgotten by `now`; return how many there were."""
    forgotten = delete(IdempotencyKeyRow).where(col(IdempotencyKeyRow.created_at) <= now - KEPT_FOR)
    return (await (await session.connection()).execute(forgotten)).rowcount


async def _claim(session: AsyncSession, request: Request) -> None:
    """Take the key for this transaction; on SQLite writers already follow one another."""
    if session.get_bind().dialect.name != "postgresql":
        return
    name = f"idempotency:{request.actor_id}:{request.operation}:{request.key}"
    lock = select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))
    if not (await (await session.connection()).execute(lock)).scalar_one():
        raise IdempotencyInFlight


async def _find(session: AsyncSession, request: Request) -> IdempotencyKeyRow | None:
    return await session.get(IdempotencyKeyRow, (request.actor_id, request.operation, request.key))


def _row(request: Request, *, refused: str | None, facts: Facts, now: datetime) -> IdempotencyKeyRow:
    return IdempotencyKeyRow(
        actor_id=request.actor_id,
        operation=request.operation,
        key=request.key,
        request_hash=request.hash(),
        outcome={"refused": refused, "facts": dict(facts)},
        created_at=now,
    )
