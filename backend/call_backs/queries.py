"""All SQL that reads call-backs: a person's own, the operators' list, and what a session has taken."""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, DateTime, Integer, Uuid, and_, bindparam, exists, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col

from backend.call_backs.tables import CallBackRow
from backend.call_backs.values import (
    OPEN_STATES,
    CallBack,
    CallBackId,
    CallBackState,
    ListedCallBack,
    Position,
    Taken,
    Window,
)
from backend.profile.tables import PersonRow
from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from identity.call_rules import ABSOLUTE_LIMIT, IDLE_LIMIT
from identity.call_tables import CallTicketRow
from identity.principal import PersonId, Principal

_row = CallBackRow


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=DateTime(timezone=True))


_CALL_IS_OPEN = (
    exists()
    .where(
        col(CallTicketRow.operator_id) == col(_row.taken_by),
        col(CallTicketRow.id) == col(_row.call_id),
        col(CallTicketRow.closed_at).is_(None),
        col(CallTicketRow.used_at) > _instant("idle_since"),
        col(CallTicketRow.opened_at) > _instant("opened_since"),
    )
    .correlate(_row)
)
IS_OPEN: ColumnElement[bool] = col(_row.state).in_(bindparam("open", OPEN_STATES, expanding=True, literal_execute=True))
"""Written into the statement, as in what follows: a partial index serves no statement whose state is a parameter."""
IS_TAKEN: ColumnElement[bool] = col(_row.state) == bindparam("taken", CallBackState.TAKEN, literal_execute=True)
IS_HELD: ColumnElement[bool] = and_(IS_TAKEN, or_(col(_row.kept_until) > _instant("now"), _CALL_IS_OPEN))
"""A session has it and keeps it: for a while, and longer while the call that it opened is open."""

_WINDOW = Shape(Window, col(_row.begins_at), col(_row.ends_at))


_OWN = Shape(
    CallBack,
    col(_row.id),
    col(_row.state),
    col(_row.reason),
    _WINDOW,
    col(_row.attempts),
    col(_row.due_at),
    col(_row.requested_at),
    col(_row.ended_at),
    IS_HELD,
    col(_row.time_zone),
    col(_row.called_number),
)
_LISTED = Shape(
    ListedCallBack,
    col(_row.id),
    col(_row.state),
    col(_row.reason),
    _WINDOW,
    col(_row.attempts),
    col(_row.due_at),
    col(_row.requested_at),
    IS_HELD,
)
_TAKEN = Shape(
    Taken,
    _LISTED,
    col(_row.person_id),
    col(_row.call_id),
    col(_row.kept_until),
    col(_row.called_number),
    col(PersonRow.given_name),
)

_OF_PERSON = _OWN.select().select_from(_row).where(col(_row.person_id) == bindparam("person_id", type_=Uuid()))
_SHOWN = Statement(
    _OF_PERSON.where(or_(IS_OPEN, col(_row.ended_at) > _instant("since"))).order_by(col(_row.id).desc()),
    _OWN,
)
_BY_ID = Statement(_OF_PERSON.where(col(_row.id) == bindparam("id", type_=Uuid())), _OWN)

_LIST = (
    _LISTED.select()
    .select_from(_row)
    .where(IS_OPEN, or_(col(_row.ends_at) > _instant("now"), IS_HELD))
    .order_by(col(_row.due_at), col(_row.id))
    .limit(bindparam("limit", type_=Integer()))
)
_FIRST_PAGE = Statement(_LIST, _LISTED)
_NEXT_PAGE = Statement(
    _LIST.where(
        or_(
            col(_row.due_at) > _instant("due_at"),
            and_(col(_row.due_at) == _instant("due_at"), col(_row.id) > bindparam("id", type_=Uuid())),
        )
    ),
    _LISTED,
)

_OF_SESSION = (
    _TAKEN.select()
    .select_from(_row)
    .outerjoin(PersonRow, col(PersonRow.id) == col(_row.callee_id))
    .where(
        col(_row.taken_by) == bindparam("operator_id", type_=Uuid()),
        col(_row.taken_in) == bindparam("session_id", type_=Uuid()),
        IS_TAKEN,
    )
    .order_by(col(_row.kept_until).desc())
)
_TAKEN_BY = Statement(_OF_SESSION, _TAKEN)

_NUMBER = alone(func.count())
_COUNT_OWN = (
    select_columns(func.count())
    .select_from(_row)
    .where(col(_row.person_id) == bindparam("person_id", type_=Uuid()), col(_row.proposal_id).is_(None))
)
_COUNT_LATELY = Statement(_COUNT_OWN.where(col(_row.requested_at) > _instant("since")), _NUMBER)
_COUNT_LIVE = Statement(_COUNT_OWN.where(IS_OPEN, or_(col(_row.ends_at) > _instant("now"), IS_HELD)), _NUMBER)


def clock_of(now: datetime) -> dict[str, datetime]:
    """Return the instants by which a statement tells what is kept for whom."""
    return {"now": now, "idle_since": now - IDLE_LIMIT, "opened_since": now - ABSOLUTE_LIMIT}


async def shown(rows: Rows, person_id: PersonId, *, now: datetime, since: datetime) -> list[CallBack]:
    """Return the person's requests that are open, or ended after `since`; the last one first."""
    return await rows.rows(_SHOWN, person_id=person_id, since=since, **clock_of(now))


async def find(rows: Rows, person_id: PersonId, call_back_id: CallBackId, *, now: datetime) -> CallBack | None:
    """Return the person's own request; another person's is None."""
    return await rows.row(_BY_ID, person_id=person_id, id=call_back_id, **clock_of(now))


async def count_since(rows: Rows, person_id: PersonId, since: datetime) -> int:
    """Return how many requests a person has made after an instant; what clinics put down is not theirs."""
    return await rows.scalar(_COUNT_LATELY, person_id=person_id, since=since)


async def has_live(rows: Rows, person_id: PersonId, *, now: datetime) -> bool:
    """Return whether a person has an open request of their own that time has not ended."""
    live = await rows.scalar(_COUNT_LIVE, person_id=person_id, **clock_of(now))
    return live > 0


async def list_page(rows: Rows, *, now: datetime, limit: int, after: Position | None) -> list[ListedCallBack]:
    """Return at most `limit` open requests, whoever has been due longest first, then the oldest."""
    if after is None:
        return await rows.rows(_FIRST_PAGE, limit=limit, **clock_of(now))
    return await rows.rows(_NEXT_PAGE, limit=limit, due_at=after.due_at, id=after.id, **clock_of(now))


async def taken_by(rows: Rows, operator: Principal, *, now: datetime) -> list[Taken]:
    """Return what this operator's session has taken and nobody has taken since, the last one first."""
    return await rows.rows(_TAKEN_BY, operator_id=operator.person_id, session_id=operator.session_id, **clock_of(now))
