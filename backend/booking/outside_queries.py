"""All SQL about what outside clinics are asked: which question is open, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.entitlement_tables import ReferralRow
from backend.booking.rows import fetch
from backend.booking.states import UNSETTLED_STATUSES, AppointmentStatus, CancelReason
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.principal import PersonId

LONGEST_PAUSE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=30)
"""How long a question rests before it is asked again: doubled from the one to the other (config)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a clinic is asked about a claim; `actor_id` is who wanted it."""

    claim_id: UUID
    person_id: PersonId
    actor_id: UUID
    slot_id: UUID
    status: AppointmentStatus
    registry_key: UUID
    reason: CancelReason | None
    referral_number: str | None
    starts_at: datetime
    ends_at: datetime
    replaces_id: UUID | None


_QUESTION = Shape(
    Question,
    col(AppointmentRow.id),
    col(AppointmentRow.person_id),
    col(AppointmentRow.actor_id),
    col(AppointmentRow.slot_id),
    col(AppointmentRow.status),
    col(AppointmentRow.registry_key),
    col(AppointmentRow.cancel_reason),
    col(ReferralRow.number),
    col(AppointmentRow.starts_at),
    col(AppointmentRow.ends_at),
    col(AppointmentRow.replaces_id),
)
_UNANSWERED = col(AppointmentRow.agreed_at).is_(None)
"""One of a set is PENDING for the others' sake after its own clinic has agreed."""
_MOVED = aliased(AppointmentRow)
"""The appointment whose place is asked for; it keeps the referral that both are by."""
_OPEN = Statement(
    _QUESTION.select()
    .select_from(AppointmentRow)
    .outerjoin(
        _MOVED,
        (col(_MOVED.person_id) == col(AppointmentRow.person_id)) & (col(_MOVED.id) == col(AppointmentRow.replaces_id)),
    )
    .outerjoin(
        ReferralRow,
        (col(ReferralRow.person_id) == col(AppointmentRow.person_id))
        & (col(ReferralRow.id) == func.coalesce(col(AppointmentRow.referral_id), col(_MOVED.referral_id))),
    )
    .where(
        col(AppointmentRow.person_id) == bindparam("person_id", type_=Uuid()),
        col(AppointmentRow.id) == bindparam("id", type_=Uuid()),
        col(AppointmentRow.status).in_(
            bindparam("unsettled", UNSETTLED_STATUSES, expanding=True, literal_execute=True)
        ),
        _UNANSWERED,
    ),
    _QUESTION,
)


async def find_question(rows: Rows, person_id: PersonId, claim_id: UUID) -> Question | None:
    """Return what is to be asked about a claim; None when nothing is open."""
    return await rows.row(_OPEN, person_id=person_id, id=claim_id)


async def take_due(session: AsyncSession, now: datetime, *, limit: int) -> list[tuple[PersonId, UUID]]:
    """Take questions whose turn it is, the longest asked first: nobody else takes them until their next turn.

    Returns:
        Person and claim of each.
    """
    is_open = col(AppointmentRow.status).in_(UNSETTLED_STATUSES) & _UNANSWERED
    pauses = [(tries, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))) for tries in range(1, _STEPS + 1)]
    due = None
    for tries, pause in pauses:
        at_step = col(AppointmentRow.tries) == tries if tries < _STEPS else col(AppointmentRow.tries) >= tries
        condition = at_step & (col(AppointmentRow.asked_at) <= now - pause)
        due = condition if due is None else due | condition
    wanted = (
        select(col(AppointmentRow.id))
        .where(is_open, due if due is not None else is_open)
        .order_by(col(AppointmentRow.asked_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(AppointmentRow)
        .where(col(AppointmentRow.id).in_(wanted))
        .values(asked_at=now, tries=AppointmentRow.tries + 1)
        .returning(col(AppointmentRow.person_id), col(AppointmentRow.id))
    )
    return [(PersonId(person), claim) for person, claim in await fetch(session, taken)]


_STEPS = 6
"""After so many doublings the pause is the longest."""
