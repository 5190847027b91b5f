"""All SQL of the search: slots by ids and instants only, so that there are few statements and they stay prepared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from backend.booking.given_out import (
    HAS_QUOTA,
    IN_WINDOW,
    IS_FREE,
    IS_GIVEN_OUT,
    IS_OFFERED,
    IS_RELEASED,
    LAST_ID,
    MOST_AT_ONCE,
    check_limit,
)
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    ScheduleRow,
    SlotRow,
)
from backend.reading import Rows, Statement, first_in_order
from backend.shapes import AnySelect, Shape
from backend.slot_search.narrowing import Narrowing
from backend.slot_search.values import FoundSlot
from backend.sql_texts import among

MOST_COUNTED = 2_000
"""So many slots, the first ones, make the counts of the facets."""

MOST_LOOKED_AT = 10_000
"""So many slots, the first ones, say why there is none to be had."""

_start, _id = col(SlotRow.starts_at), col(SlotRow.id)


def _uuid(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


class _Minutes(FunctionElement[int]):
    """Whole minutes from 1970 to an instant; see below for each database."""

    type = Integer()
    inherit_cache = True


@compiles(_Minutes, "postgresql")
def _minutes_of_postgresql(element: _Minutes, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **how)}) / 60) AS INTEGER)"


@compiles(_Minutes, "sqlite")
def _minutes_of_sqlite(element: _Minutes, compiler: SQLCompiler, **how: Any) -> str:
    return f"unixepoch({compiler.process(element.clauses, **how)}) / 60"


class _Whole(FunctionElement[int]):
    """A division of whole numbers, which SQLAlchemy would make one of fractions."""

    type = Integer()
    inherit_cache = True


@compiles(_Whole)
def _whole_division(element: _Whole, compiler: SQLCompiler, **how: Any) -> str:
    above, below = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(({above}) / {below})"


_MINUTES_OF_DAY, _DAYS_OF_WEEK = literal_column("1440", Integer()), literal_column("7", Integer())
_LOCAL: ColumnElement[int] = _Minutes(_start) + _number("offset_minutes")
_DAY: ColumnElement[int] = _Whole(_LOCAL, _MINUTES_OF_DAY)
"""Days since 1 January 1970, a Thursday, by the clinic's calendar."""

_MINUTE = _LOCAL % _MINUTES_OF_DAY
_WEEKDAY = (_DAY + 3) % _DAYS_OF_WEEK
_AT_HOURS = and_(
    _number("from_minute") <= _MINUTE,
    _number("to_minute") > _MINUTE,
    _number("weekdays").bitwise_rshift(_WEEKDAY).bitwise_and(1) == 1,
)
"""Said as a case that is not 0: of that PostgreSQL expects nearly every slot, as is so in most searches. Of the bare
comparisons it would expect one in two thousand, and then read them all rather than the first ones in order."""

_IN_TIME: tuple[ColumnElement[bool], ...] = (*IN_WINDOW, case((_AT_HOURS, 1), else_=0) != 0)

NARROWING: Mapping[str, ColumnElement[bool]] = {
    "clinic_id": col(SlotRow.clinic_id) == _uuid("clinic_id"),
    "clinic_ids": among(col(SlotRow.clinic_id), "clinic_ids"),
    "specialty_id": col(SlotRow.specialty_id) == _uuid("specialty_id"),
    "specialty_ids": among(col(SlotRow.specialty_id), "specialty_ids"),
    "doctor_id": col(SlotRow.doctor_id) == _uuid("doctor_id"),
    "doctor_ids": among(col(SlotRow.doctor_id), "doctor_ids"),
    "post_ids": among(col(ScheduleRow.post_id), "post_ids"),
}
"""What may narrow a search, by the parameter that says so; a post is that of the slot's reception."""

_FOUND = Shape(
    FoundSlot,
    _id,
    _start,
    col(SlotRow.ends_at),
    col(SlotRow.room),
    col(SlotRow.as_of),
    col(SlotRow.clinic_id),
    col(SlotRow.doctor_id),
    col(SlotRow.specialty_id),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many slots of one clinic, specialty and local day (days since 1970)."""

    clinic_id: UUID
    specialty_id: UUID
    day: int
    count: int


@dataclass(frozen=True, slots=True)
class Look:
    """What stands in the way of the slots that there are; numbers of slots, the first that applies to each.

    Attributes:
        slots: All, free or not.
        elsewhere: Given out through other channels only.
        later: Free, but not given out yet.
        taken: Somebody keeps them.
        used_up: Free, but the channel has no share left.
        next_release: When the first of `later` is given out.
    """

    slots: int
    elsewhere: int
    later: int
    taken: int
    used_up: int
    next_release: datetime | None


def _narrowed(query: AnySelect, narrowing: frozenset[str]) -> AnySelect:
    if "post_ids" in narrowing:
        query = query.join(ScheduleRow, col(ScheduleRow.id) == col(SlotRow.schedule_id))
    return query.where(*_IN_TIME, *(condition for name, condition in NARROWING.items() if name in narrowing))


def _ordered(query: AnySelect) -> AnySelect:
    return query.order_by(_start, _id).limit(_number("limit"))


@cache  # 14 sets at most
def page_statement(narrowing: frozenset[str]) -> Statement[FoundSlot]:
    """Return the statement of a page: slots that can be had, in order of start and id."""
    query = _narrowed(_FOUND.select().select_from(SlotRow), narrowing).where(*IS_GIVEN_OUT)
    return first_in_order(query, _FOUND, order=(_start, _id), most=MOST_AT_ONCE)


@cache
def count_statement(narrowing: frozenset[str]) -> Statement[Counted]:
    """Return the statement that counts the first slots that can be had, by clinic, specialty and day."""
    counted = select(col(SlotRow.clinic_id), col(SlotRow.specialty_id), _DAY.label("day")).select_from(SlotRow)
    first = _ordered(_narrowed(counted, narrowing).where(*IS_GIVEN_OUT)).subquery().c
    by = (first.clinic_id, first.specialty_id, first.day)
    shape = Shape(Counted, *by, func.count())
    return Statement(shape.select().group_by(*by), shape)


@cache
def look_statement(narrowing: frozenset[str]) -> Statement[Look]:
    """Return the statement that says what stands in the way of the first slots that there are."""
    looked = select(
        IS_OFFERED.label("offered"),
        IS_RELEASED.label("released"),
        IS_FREE.label("free"),
        HAS_QUOTA.label("shared"),
        col(SlotRow.released_at),
    ).select_from(SlotRow)
    one = _ordered(_narrowed(looked, narrowing)).subquery().c
    later = and_(one.offered, one.free, ~one.released)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0, type_=Integer())

    shape = Shape(
        Look,
        func.count(),
        number(~one.offered),
        number(later),
        number(and_(one.offered, ~one.free)),
        number(and_(one.offered, one.free, one.released, ~one.shared)),
        func.min(case((later, one.released_at)), type_=DateTime(timezone=True)),
    )
    return Statement(shape.select(), shape)


@cache  # 6 sets at most
def first_statement(narrowing: frozenset[str], *, by_doctor: bool) -> Statement[FoundSlot]:
    """Return the statement of the first slot that can be had of each clinic or doctor that is named."""
    group = DoctorRow if by_doctor else ClinicRow
    of_group = col(SlotRow.doctor_id) if by_doctor else col(SlotRow.clinic_id)
    first = _narrowed(select(_id).select_from(SlotRow), narrowing).where(*IS_GIVEN_OUT, of_group == col(group.id))
    each = first.order_by(_start, _id).limit(1).correlate(group).scalar_subquery()
    ids = select(each.label("id")).select_from(group).where(among(col(group.id), "group_ids")).subquery()
    return Statement(_FOUND.select().join(ids, ids.c.id == _id), _FOUND)


async def page(rows: Rows, narrowing: Narrowing, given: Mapping[str, Any], *, limit: int) -> list[FoundSlot]:
    """Return slots that can be had, in order of start and id.

    Raises:
        ValueError: More than `MOST_AT_ONCE`.
    """
    check_limit(limit)
    statement = page_statement(frozenset(narrowing))
    return await rows.rows(statement, **{"after_id": LAST_ID, **given}, **narrowing, limit=limit)


async def counts(rows: Rows, narrowing: Narrowing, given: Mapping[str, Any], *, limit: int) -> list[Counted]:
    """Return how many slots that can be had there are, by clinic, specialty and day, of the first `limit`."""
    statement = count_statement(frozenset(narrowing))
    return await rows.rows(statement, **{"after_id": LAST_ID, **given}, **narrowing, limit=limit)


async def look(rows: Rows, narrowing: Narrowing, given: Mapping[str, Any]) -> Look:
    """Return what stands in the way of slots."""
    statement = look_statement(frozenset(narrowing))
    return await rows.scalar(statement, **{"after_id": LAST_ID, **given}, **narrowing, limit=MOST_LOOKED_AT)


async def first_of_each(
    rows: Rows, narrowing: Narrowing, given: Mapping[str, Any], *, group_ids: Sequence[UUID], by_doctor: bool
) -> list[FoundSlot]:
    """Return the first slot that can be had of each clinic or doctor that has one, in any order."""
    statement = first_statement(frozenset(narrowing), by_doctor=by_doctor)
    return await rows.rows(statement, **{"after_id": LAST_ID, **given}, **narrowing, group_ids=group_ids)
