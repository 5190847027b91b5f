"""Whom operators of 122 call for a clinic that has cancelled: those of its call list who have a number."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists
from sqlmodel import col

from backend.call_backs.tables import CallBackRow
from backend.call_backs.values import Callee
from backend.profile.tables import PersonRow
from backend.reading import Rows, Statement
from backend.reception.proposal_values import CallReason, ItemState
from backend.reception.tables import CancellationItemRow
from backend.shapes import Shape

_PROPOSAL = bindparam("proposal_id", type_=Uuid())
_CALLEE = Shape(Callee, col(PersonRow.id), col(PersonRow.phone), col(PersonRow.time_zone))
_IS_TO_CALL = (
    exists()
    .where(
        col(CancellationItemRow.person_id) == col(PersonRow.id),
        col(CancellationItemRow.proposal_id) == _PROPOSAL,
        col(CancellationItemRow.state) == ItemState.TO_CALL,
        col(CancellationItemRow.call_reason) != CallReason.TOO_LATE,
    )
    .correlate(PersonRow)
)
_WAS_PUT_DOWN = (
    exists()
    .where(
        col(CallBackRow.person_id) == col(PersonRow.id),
        col(CallBackRow.proposal_id) == _PROPOSAL,
    )
    .correlate(PersonRow)
)
_TO_CALL_BACK = Statement(
    _CALLEE.select()
    .select_from(PersonRow)
    .where(col(PersonRow.phone).is_not(None), _IS_TO_CALL, ~_WAS_PUT_DOWN)
    .order_by(col(PersonRow.id)),
    _CALLEE,
)


async def to_call_back(rows: Rows, proposal_id: UUID) -> list[Callee]:
    """Return those of a proposal whom the desk is to call, once each, who have a number and were not put down for it.

    Who has none stays on the desk's list alone; a visit that has begun is the desk's too.
    """
    return await rows.rows(_TO_CALL_BACK, proposal_id=proposal_id)
