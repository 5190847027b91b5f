"""Reading the access log and the officer's queue."""

from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from backend.oversight.values import LogEntry, LogFilter, QueuePosition
from graphql_schema.connections import (
    Connection,
    connect,
    decode_cursor,
    decode_place,
    encode_cursor,
    encode_place,
    page_size,
)
from graphql_schema.context import Context, Info
from graphql_schema.errors import BadCursor
from graphql_schema.fields import field
from graphql_schema.oversight.inputs import AccessLogFilter
from graphql_schema.oversight.presentation import LogWriter, to_own_access, to_review
from graphql_schema.oversight.types import AccessLogEntry, OwnAccess, Review
from graphql_schema.oversight.words import ReviewState
from identity.access import Action, require_signed_in
from identity.access_log import sequence_of
from identity.audit_tables import AuditOutcome
from identity.principal import PersonId
from identity.review_values import ReviewState as ReviewStateValue

First: TypeAlias = Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")]

_HIGHEST_SEQUENCE = (1 << 62) - 1


@strawberry.type(description="Who looked at a person's data.")
class OversightOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(
        description="Who looked at the own data, did something with them, or was denied it; the last written first. "
        "The own use of an hour is one entry, written some minutes after the hour: until then see `ownAccesses`."
    )
    async def access_log(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        filter: Annotated[  # noqa: A002 # the public name
            AccessLogFilter | None, strawberry.argument(description="Which; all of them when left out.")
        ] = None,
    ) -> Connection[AccessLogEntry] | None:
        """Return a page of the own log."""
        context = info.context
        page = await context.services.access_log.list_page(
            context.principal,
            self.person_id,
            limit=page_size(first),
            before=_read_sequence(after) if after is not None else None,
            wanted=_wanted(filter) if filter is not None else None,
        )
        writer = LogWriter(page, context.language)
        return connect(
            [writer.entry(one) for one in page.items],
            write_cursor=lambda place: _write_sequence(page.items[place]),
            has_next=page.has_next,
        )

    @field(description="The own use of the last hours that is not in `accessLog` yet, newest first; 100 at most.")
    async def own_accesses(self, info: Info) -> list[OwnAccess] | None:
        """Return what is still being gathered."""
        context = info.context
        hours = await context.services.access_log.own_hours(context.principal, self.person_id)
        return [to_own_access(one, context.language) for one in hours]


@strawberry.type(description="The work of the officer for data protection.")
class OversightQueries:
    """Joined into the root of reading."""

    @field(
        description="What an officer must look at, oldest first: emergencies, and what people reported. ACCESS_REFUSED "
        "to everybody else. Each look is in the access log of the people it shows."
    )
    async def review_queue(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        state: Annotated[ReviewState, strawberry.argument(description="Which.")] = ReviewState.OPEN,
    ) -> Connection[Review] | None:
        """Return a page of the queue."""
        context = info.context
        page = await context.services.reviews.list_queue(
            context.principal,
            state=ReviewStateValue(str(state.value)),
            limit=page_size(first),
            after=QueuePosition(*decode_place(after)) if after is not None else None,
        )
        now = context.clock()
        return connect(
            [to_review(one, now=now, language=context.language) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].opened_at, page.items[place].id),
            has_next=page.has_next,
        )


async def load_entry(context: Context, uuid: UUID) -> AccessLogEntry | None:
    """Return an entry of the own log by the UUID of the global id; None for one of another log (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
        AccessRefused: Not in this capacity.
    """
    actor = require_signed_in(context.principal, Action.READ_ACCESS_LOG)
    return await find_entry(context, actor.person_id, sequence_of(actor.person_id, uuid))


async def find_entry(context: Context, person_id: PersonId, sequence: int | None) -> AccessLogEntry | None:
    """Return an entry of a person's log as it stands now, or None; raises as `AccessLogService.list_page` does."""
    wanted = [] if sequence is None else [sequence]
    page = await context.services.access_log.by_sequences(context.principal, person_id, wanted)
    writer = LogWriter(page, context.language)
    return next((writer.entry(one) for one in page.items), None)


def _wanted(given: AccessLogFilter) -> LogFilter:
    outcome = AuditOutcome(str(given.outcome.value)) if given.outcome else None
    return LogFilter(others_only=given.others_only, outcome=outcome)


def _write_sequence(entry: LogEntry) -> str:
    return encode_cursor(str(entry.sequence))


def _read_sequence(cursor: str) -> int:
    (text,) = decode_cursor(cursor, 1)
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) <= _HIGHEST_SEQUENCE:
        raise BadCursor
    return int(text)
