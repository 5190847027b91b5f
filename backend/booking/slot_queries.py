"""All SQL about slots: the search, the lock and the alternatives.

The statement of a search is built once for each set of what narrows it: building one costs many times what running it
does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    String,
    Uuid,
    bindparam,
    exists,
    select,
    tuple_,
    union_all,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import SLOT, SLOT_TIME, SLOTS
from backend.booking.tables import AppointmentRow, ClinicRow, SlotRow, SpecialtyRow
from backend.booking.values import (
    ACTIVE_STATUSES,
    AppointmentStatus,
    Channel,
    Slot,
    SlotCriteria,
    SlotTime,
    TimeKey,
)
from backend.reading import Rows, Statement, within
from backend.shapes import alone
from backend.sql_texts import among

ACTIVE: BindParameter[Any] = bindparam("active", ACTIVE_STATUSES, expanding=True, literal_execute=True)
"""Written into the statement's text: SQLite uses a partial index only where the same words stand in the query."""

_start, _slot_id = col(SlotRow.starts_at), col(SlotRow.id)


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=DateTime(timezone=True))


def _uuid(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


def _number(name: str) -> BindParameter[float]:
    return bindparam(name, type_=Float())


_KEPT = (col(AppointmentRow.status) != AppointmentStatus.HELD) | (col(AppointmentRow.hold_expires_at) > _instant("now"))
_IS_FREE = ~exists().where(
    col(AppointmentRow.slot_id) == _slot_id, col(AppointmentRow.status).in_(ACTIVE), _KEPT
).correlate(SlotRow)
"""Nobody keeps the slot; a hold ends by the clock itself."""

_GIVEN_OUT: tuple[ColumnElement[bool], ...] = (
    _start > _instant("now"),
    _start <= _instant("until"),
    col(SlotRow.channels).bitwise_and(bindparam("channel", type_=Integer())) != 0,
    _IS_FREE,
)

_BY_IDS = Statement(SLOTS.where(among(_slot_id, "ids")), SLOT)
_ONE_TIME = SLOT_TIME.select().where(_slot_id == _uuid("id"))
_SLOT_TIME = Statement(_ONE_TIME, SLOT_TIME)
_LOCKED_SLOT_TIME = Statement(_ONE_TIME.with_for_update(key_share=True), SLOT_TIME)
_TOWN = alone(col(ClinicRow.town))
_TOWN_OF = Statement(_TOWN.select().where(col(ClinicRow.id) == _uuid("id")), _TOWN)

_NORTH = col(ClinicRow.latitude) - _number("latitude")
_EAST = (col(ClinicRow.longitude) - _number("longitude")) * _number("shrink")
_NAMED_SPECIALTY = select(col(SpecialtyRow.id)).where(col(SpecialtyRow.code) == bindparam("specialty_code"))

_NARROWING: Mapping[str, ColumnElement[bool]] = {
    # compared with a scalar subquery, not joined: so a planner may walk the index of the specialty in order
    "specialty_code": col(SlotRow.specialty_id) == _NAMED_SPECIALTY.correlate(None).scalar_subquery(),
    "specialty_id": col(SlotRow.specialty_id) == _uuid("specialty_id"),
    "specialty_ids": among(col(SlotRow.specialty_id), "specialty_ids"),
    "clinic_id": col(SlotRow.clinic_id) == _uuid("clinic_id"),
    "clinic_ids": among(col(SlotRow.clinic_id), "clinic_ids"),
    "doctor_id": col(SlotRow.doctor_id) == _uuid("doctor_id"),
    "doctor_ids": among(col(SlotRow.doctor_id), "doctor_ids"),
    "town": col(ClinicRow.town) == bindparam("town", type_=String()),
    "starts_from": _start >= _instant("starts_from"),
    "starts_before": _start < _instant("starts_before"),
    "radius": _number("radius") >= _NORTH * _NORTH + _EAST * _EAST,
    "after_id": tuple_(_start, _slot_id) > tuple_(_instant("after_start"), _uuid("after_id")),
}
"""What may narrow a search, by the parameter that says so."""


@lru_cache(maxsize=512)
def search_statement(narrowing: frozenset[str]) -> Statement[Slot]:
    """Return the one statement of a search: free slots in order of start and id.

    Args:
        narrowing: The keys of `_NARROWING` that the parameters fill; other names are ignored, so that the names of
            all parameters may be given.
    """
    conditions = (condition for name, condition in _NARROWING.items() if name in narrowing)
    ordered = SLOTS.where(*_GIVEN_OUT, *conditions).order_by(_start, _slot_id)
    return Statement(ordered.limit(bindparam("limit", type_=Integer())), SLOT)


def search_parameters(
    criteria: SlotCriteria, *, now: datetime, until: datetime, after: TimeKey | None, limit: int
) -> dict[str, Any]:
    """Return the parameters of a search; their names decide the statement."""
    given: dict[str, Any] = {"now": now, "until": until, "channel": criteria.channel.bit, "limit": limit}
    for one, many, ids in (
        ("specialty_id", "specialty_ids", criteria.specialty_ids),
        ("clinic_id", "clinic_ids", criteria.clinic_ids),
        ("doctor_id", "doctor_ids", criteria.doctor_ids),
    ):
        if ids:
            given |= {one: ids[0]} if len(ids) == 1 else {many: ids}
    for name in ("specialty_code", "town", "starts_from", "starts_before"):
        if (value := getattr(criteria, name)) is not None:
            given[name] = value
    if (near := criteria.near) is not None:
        given |= {"latitude": near.centre.latitude, "longitude": near.centre.longitude}
        given |= {"shrink": near.shrink, "radius": near.radius_degrees**2}
    if after is not None:
        given |= {"after_start": after.starts_at, "after_id": after.id}
    return given


async def search(rows: Rows, parameters: dict[str, Any]) -> list[Slot]:
    """Return the slots of a search, in its order."""
    return await rows.rows(search_statement(frozenset(_NARROWING.keys() & parameters.keys())), **parameters)


async def slots_by_ids(rows: Rows, ids: Sequence[UUID]) -> list[Slot]:
    """Return the slots that exist, free or not, in any order."""
    return await rows.rows(_BY_IDS, ids=ids)


async def slot_time(rows: Rows, slot_id: UUID) -> SlotTime | None:
    """Return what decides about a slot, without locking it."""
    return await rows.row(_SLOT_TIME, id=slot_id)


async def lock_slot(session: AsyncSession, slot_id: UUID) -> SlotTime | None:
    """Lock a slot against every other claim until the transaction ends (R54), and return what decides about it."""
    return await within(session).row(_LOCKED_SLOT_TIME, id=slot_id)


def _candidates_statement() -> Statement[Slot]:
    """Build, for each circle round the lost slot, the nearest free ids before and after it; then their slots."""
    circles: tuple[tuple[ColumnElement[bool], ...], ...] = (
        (col(SlotRow.doctor_id) == _uuid("doctor_id"),),
        (col(SlotRow.clinic_id) == _uuid("clinic_id"),),
        (col(ClinicRow.town) == bindparam("town", type_=String()),),
        (),
    )
    sides: tuple[tuple[ColumnElement[bool], tuple[Any, ...]], ...] = (
        (_start < _instant("lost_start"), (_start.desc(), _slot_id.desc())),
        (_start >= _instant("lost_start"), (_start, _slot_id)),
    )
    free = (
        select(_slot_id)
        .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        .where(col(SlotRow.specialty_id) == _uuid("specialty_id"), *_GIVEN_OUT)
        .limit(bindparam("limit", type_=Integer()))
    )
    nearest = [free.where(*circle, side).order_by(*order) for circle in circles for side, order in sides]
    ids = select(union_all(*(select(part.subquery().c.id) for part in nearest)).subquery().c.id)
    return Statement(SLOTS.where(_slot_id.in_(ids)), SLOT)


_CANDIDATES = _candidates_statement()


async def candidates_near(
    rows: Rows, lost: SlotTime, *, town: str, channel: Channel, now: datetime, until: datetime, limit: int
) -> list[Slot]:
    """Return free slots of the same specialty round a lost one, in one statement.

    Returns:
        At most `limit` before and `limit` after it for each of: the doctor, the clinic, the town, anywhere;
        in any order.
    """
    parameters = {
        "specialty_id": lost.specialty_id,
        "doctor_id": lost.doctor_id,
        "clinic_id": lost.clinic_id,
        "town": town,
        "lost_start": lost.starts_at,
        "channel": channel.bit,
        "now": now,
        "until": until,
        "limit": limit,
    }
    return await rows.rows(_CANDIDATES, **parameters)


async def town_of(rows: Rows, clinic_id: UUID) -> str:
    """Return the town of a clinic that exists."""
    return await rows.scalar(_TOWN_OF, id=clinic_id)
