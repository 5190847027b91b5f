"""What an operator of 122 is to a person: something only inside their own open call, with this person chosen (S37)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.call_ports import RepresentedBy
from identity.call_queries import use_open
from identity.call_rules import mandate_of_call
from identity.capacities import Mandate
from identity.principal import ActorKind, PersonId, Principal


class CallMandates:
    """Implements `identity.access_control.MandateSource` over the calls."""

    def __init__(self, represented: RepresentedBy) -> None:
        """Take who knows for whom the caller may act; it is asked at each access anew."""
        self._represented = represented

    @property
    def kinds(self) -> frozenset[ActorKind]:
        """Return operators."""
        return frozenset({ActorKind.OPERATOR})

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return the mandate of the operator's open call, if it is for this person.

        The call counts as used, and stays locked until the transaction ends: a call that is being closed meanwhile is
        closed after the change or before it, never within.
        """
        ticket = await use_open(session, actor, person_id, now)
        if ticket is None or ticket.caller_id is None:
            return ()
        caller = PersonId(ticket.caller_id)
        if caller == person_id:
            return (mandate_of_call(ticket, caller, None),)
        own = await self._represented.may(session, caller, person_id, now)
        return () if own is None else (mandate_of_call(ticket, caller, own),)
