"""All SQL about slots: the search, the lock and the alternatives.

The statement of a search is built once for each set of what narrows it: building one costs many times what running it
does. There are so few sets that every one of them, with all other statements, stays prepared on every connection (see
docs/guides/reads.md): no client can make others pay by asking for all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Float,
    String,
    Uuid,
    bindparam,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.given_out import IN_WINDOW, IS_GIVEN_OUT, LAST_ID, MOST_AT_ONCE, NO_ID, check_limit
from backend.booking.ranking import ALTERNATIVES
from backend.booking.rows import SLOT, SLOT_TIME, SLOTS
from backend.booking.tables import ClinicRow, SlotRow, SpecialtyRow
from backend.booking.values import (
    Channel,
    Slot,
    SlotCriteria,
    SlotTime,
    TimeKey,
)
from backend.reading import Rows, Statement, first_in_order, within
from backend.shapes import alone
from backend.sql_texts import among, expected

_start, _slot_id = col(SlotRow.starts_at), col(SlotRow.id)


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=DateTime(timezone=True))


def _uuid(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


def _number(name: str) -> BindParameter[float]:
    return bindparam(name, type_=Float())


GIVEN_OUT: tuple[ColumnElement[bool], ...] = (*IN_WINDOW, *IS_GIVEN_OUT)
"""What can be taken now through a channel, within a window."""

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
    "town": expected(col(ClinicRow.town) == bindparam("town", type_=String())),
    "radius": _number("radius") >= _NORTH * _NORTH + _EAST * _EAST,
}
"""What may narrow a search, by the parameter that says so."""

_MOMENT = timedelta(microseconds=1)
"""The shortest time that both databases keep."""


def narrowing(parameters: Mapping[str, Any]) -> frozenset[str]:
    """Return which of the parameters narrow a search: what decides its statement."""
    return frozenset(_NARROWING.keys() & parameters.keys())


@cache  # 216 sets at most
def search_statement(narrowing: frozenset[str]) -> Statement[Slot]:
    """Return the one statement of a search: free slots in order of start and id.

    Args:
        narrowing: As the function of that name returns it.
    """
    conditions = (condition for name, condition in _NARROWING.items() if name in narrowing)
    free = SLOTS.where(*GIVEN_OUT, *conditions)
    return first_in_order(free, SLOT, order=(_start, _slot_id), most=MOST_AT_ONCE)


def search_parameters(
    criteria: SlotCriteria, *, now: datetime, until: datetime, after: TimeKey | None, limit: int
) -> dict[str, Any]:
    """Return the parameters of a search; their names decide the statement.

    Raises:
        ValueError: More than `MOST_AT_ONCE` slots.
    """
    check_limit(limit)
    since, until = _window(criteria, now, until)
    begin = (since, LAST_ID)
    if after is not None:  # of a page that was read long ago, it may be behind us
        begin = max(begin, (after.starts_at, after.id))
    given: dict[str, Any] = {"now": now, "since": begin[0], "after_id": begin[1], "until": until}
    given |= {"channel": criteria.channel.bit, "through": criteria.channel, "limit": limit}
    for one, many, ids in (
        ("specialty_id", "specialty_ids", criteria.specialty_ids),
        ("clinic_id", "clinic_ids", criteria.clinic_ids),
        ("doctor_id", "doctor_ids", criteria.doctor_ids),
    ):
        if ids:
            given |= {one: ids[0]} if len(ids) == 1 else {many: ids}
    for name in ("specialty_code", "town"):
        if (value := getattr(criteria, name)) is not None:
            given[name] = value
    if (near := criteria.near) is not None:
        given |= {"latitude": near.centre.latitude, "longitude": near.centre.longitude}
        given |= {"shrink": near.shrink, "radius": near.radius_degrees**2}
    return given


def _window(criteria: SlotCriteria, now: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return after which instant, and until which, a slot begins: what is asked for, within what is given out.

    A window that is asked for never makes another statement, only other bounds.
    """
    since = now
    if (first := criteria.starts_from) is not None and first > now:
        since = first - _MOMENT
    if (end := criteria.starts_before) is not None and end <= until:
        until = max(end, now + _MOMENT) - _MOMENT
    return since, until


async def search(rows: Rows, parameters: dict[str, Any]) -> list[Slot]:
    """Return the slots of a search, in its order."""
    return await rows.rows(search_statement(narrowing(parameters)), **parameters)


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
        (_NARROWING["town"],),
        (),
    )
    sides: tuple[tuple[ColumnElement[bool], tuple[Any, ...]], ...] = (
        (_start < _instant("lost_start"), (_start.desc(), _slot_id.desc())),
        (tuple_(_start, _slot_id) > tuple_(_instant("lost_start"), literal(NO_ID, Uuid())), (_start, _slot_id)),
    )
    free = (
        select(_slot_id)
        .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        .where(col(SlotRow.specialty_id) == _uuid("specialty_id"), *GIVEN_OUT)
        .limit(ALTERNATIVES)  # a number in the text, and places instead of bounds: see ADR 0041
    )
    nearest = [free.where(*circle, side).order_by(*order) for circle in circles for side, order in sides]
    ids = select(union_all(*(select(part.subquery().c.id) for part in nearest)).subquery().c.id)
    return Statement(SLOTS.where(_slot_id.in_(ids)), SLOT)


_CANDIDATES = _candidates_statement()


async def candidates_near(
    rows: Rows, lost: SlotTime, *, town: str, channel: Channel, now: datetime, until: datetime
) -> list[Slot]:
    """Return free slots of the same specialty round a lost one, in one statement.

    Returns:
        At most `ALTERNATIVES` before and as many after it for each of: the doctor, the clinic, the town, anywhere;
        in any order.
    """
    parameters = {
        "specialty_id": lost.specialty_id,
        "doctor_id": lost.doctor_id,
        "clinic_id": lost.clinic_id,
        "town": town,
        "lost_start": lost.starts_at,
        "channel": channel.bit,
        "through": channel,
        "now": now,
        "since": now,
        "after_id": LAST_ID,
        "until": until,
    }
    return await rows.rows(_CANDIDATES, **parameters)


async def town_of(rows: Rows, clinic_id: UUID) -> str:
    """Return the town of a clinic that exists."""
    return await rows.scalar(_TOWN_OF, id=clinic_id)
