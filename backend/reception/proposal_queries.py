"""All SQL about proposals of a clinic to cancel."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BindParameter, Integer, Uuid, bindparam, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import fetch
from backend.profile.tables import PersonRow
from backend.reading import Rows, Statement
from backend.reception.proposal_values import Item, ItemState, ListedItem, Proposal, ProposalId, ProposalStatus
from backend.reception.tables import CancellationItemRow, CancellationProposalRow
from backend.shapes import Shape

_item, _proposal = CancellationItemRow, CancellationProposalRow
_ID: BindParameter[UUID] = bindparam("id", type_=Uuid())
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer())

_PROPOSAL = Shape(
    Proposal,
    col(_proposal.id),
    col(_proposal.clinic_id),
    col(_proposal.doctor_id),
    col(_proposal.starts_from),
    col(_proposal.starts_before),
    col(_proposal.reason),
    col(_proposal.status),
    col(_proposal.appointments),
    col(_proposal.holds),
    col(_proposal.free_slots),
    col(_proposal.created_by),
    col(_proposal.created_at),
    col(_proposal.confirmed_by),
    col(_proposal.confirmed_at),
    col(_proposal.done_at),
)
_ONE_PROPOSAL = _PROPOSAL.select().where(col(_proposal.id) == _ID)
_PROPOSAL_BY_ID = Statement(_ONE_PROPOSAL, _PROPOSAL)
_LOCKED_PROPOSAL = Statement(_ONE_PROPOSAL.with_for_update(), _PROPOSAL)
_AT_WORK = Statement(
    _PROPOSAL.select()
    .where(col(_proposal.status) == bindparam("confirmed", ProposalStatus.CONFIRMED, literal_execute=True))
    .order_by(col(_proposal.confirmed_at))
    .limit(_LIMIT),
    _PROPOSAL,
)

_ITEM = Shape(
    Item,
    col(_item.person_id),
    col(_item.proposal_id),
    col(_item.appointment_id),
    col(_item.starts_at),
    col(_item.has_contact),
    col(_item.replacement_slot_id),
    col(_item.state),
    col(_item.call_reason),
    col(_item.hold_id),
)
_OF_PROPOSAL = col(_item.proposal_id) == _ID
_IN_ORDER = (col(_item.starts_at), col(_item.appointment_id))
_ITEMS = Statement(_ITEM.select().where(_OF_PROPOSAL).order_by(*_IN_ORDER), _ITEM)
_ITEM_NOW = Statement(
    _ITEM.select().where(
        col(_item.person_id) == bindparam("person_id", type_=Uuid()),
        _OF_PROPOSAL,
        col(_item.appointment_id) == bindparam("appointment_id", type_=Uuid()),
    ),
    _ITEM,
)
_LISTED = Shape(ListedItem, _ITEM, col(PersonRow.family_name), col(PersonRow.given_name), col(PersonRow.patronymic))
_LISTED_ITEMS = Statement(
    _LISTED.select()
    .select_from(_item)
    .join(PersonRow, col(PersonRow.id) == col(_item.person_id))
    .where(_OF_PROPOSAL)
    .order_by(*_IN_ORDER),
    _LISTED,
)


async def find_proposal(rows: Rows, proposal_id: UUID) -> Proposal | None:
    """Return a proposal of whatever clinic."""
    return await rows.row(_PROPOSAL_BY_ID, id=proposal_id)


async def lock_proposal(rows: Rows, proposal_id: UUID) -> Proposal | None:
    """Return a proposal of whatever clinic, and let nobody else change it until the transaction ends."""
    return await rows.row(_LOCKED_PROPOSAL, id=proposal_id)


async def at_work(rows: Rows, *, limit: int) -> list[Proposal]:
    """Return proposals that are confirmed and not done, the one confirmed first first."""
    return await rows.rows(_AT_WORK, limit=limit)


async def items_of(rows: Rows, proposal_id: UUID) -> list[Item]:
    """Return the items of a proposal, by start."""
    return await rows.rows(_ITEMS, id=proposal_id)


async def item_now(rows: Rows, item: Item) -> Item | None:
    """Return an item as it stands now; None when its person has been erased."""
    return await rows.row(_ITEM_NOW, person_id=item.person_id, id=item.proposal_id, appointment_id=item.appointment_id)


async def listed_items(rows: Rows, proposal_id: UUID) -> list[ListedItem]:
    """Return the items of a proposal by start, each with the person's name."""
    return await rows.rows(_LISTED_ITEMS, id=proposal_id)


async def change_item(session: AsyncSession, item: Item, **values: object) -> None:
    """Write columns of an item."""
    own = (
        col(_item.person_id) == item.person_id,
        col(_item.proposal_id) == item.proposal_id,
        col(_item.appointment_id) == item.appointment_id,
    )
    await (await session.connection()).execute(update(_item).where(*own).values(**values))


async def change_proposal(session: AsyncSession, proposal_id: ProposalId, **values: object) -> None:
    """Write columns of a proposal."""
    changed = update(_proposal).where(col(_proposal.id) == proposal_id).values(**values)
    await (await session.connection()).execute(changed)


async def count_waiting(session: AsyncSession, proposal_id: ProposalId) -> int:
    """Return how many items of a proposal are not settled."""
    waiting = select(func.count()).where(col(_item.proposal_id) == proposal_id, col(_item.state) == ItemState.WAITING)
    return int((await fetch(session, waiting))[0][0])


async def add_proposal(
    session: AsyncSession, proposal: CancellationProposalRow, items: Sequence[CancellationItemRow]
) -> None:
    """Store a proposal and its items."""
    session.add(proposal)
    await session.flush()
    session.add_all(items)
    await session.flush()
