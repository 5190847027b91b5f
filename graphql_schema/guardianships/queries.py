"""Reading the officer's queue of guardianships."""

from typing import Annotated

import strawberry

from backend.family.values import CheckPosition
from graphql_schema.connections import Connection, connect, decode_place, encode_place, page_size
from graphql_schema.context import Info
from graphql_schema.family.types import GuardianshipStatus
from graphql_schema.fields import field
from graphql_schema.guardianships.presentation import to_check
from graphql_schema.guardianships.types import GuardianshipCheck
from identity.representation_tables import GuardianshipState


@strawberry.type(description="The officer's desk for guardianships.")
class GuardianshipQueries:
    """Joined into the root of reading."""

    @field(
        description="Guardianships that people have told of, the first told first: those that wait for the document to "
        "be seen, or those settled. ACCESS_REFUSED to everybody but an officer. Each look is in the guardian's log."
    )
    async def guardianship_queue(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")] = None,
        after: Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")] = None,
        status: Annotated[
            GuardianshipStatus, strawberry.argument(description="Which.")
        ] = GuardianshipStatus.WAITING_FOR_CHECK,
    ) -> Connection[GuardianshipCheck] | None:
        """Return a page of the queue."""
        page = await info.context.services.family.desk.list_queue(
            info.context.principal,
            state=GuardianshipState(str(status.value)),
            limit=page_size(first),
            after=CheckPosition(*decode_place(after)) if after is not None else None,
        )
        return connect(
            [to_check(one) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].told.requested_at, page.items[place].told.id),
            has_next=page.has_next,
        )
