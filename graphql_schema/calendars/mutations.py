"""Opening, changing and revoking a feed for calendars."""

from typing import Annotated

import strawberry

from backend.calendars.values import Detail
from graphql_schema.calendars.inputs import (
    ChangeCalendarFeedInput,
    CreateCalendarFeedInput,
    RevokeCalendarFeedInput,
)
from graphql_schema.calendars.queries import to_feed
from graphql_schema.calendars.types import (
    ChangeCalendarFeedPayload,
    CreateCalendarFeedPayload,
    RevokeCalendarFeedPayload,
)
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.people import person_of
from graphql_schema.scalars import URL
from identity.access import signed_in


@strawberry.type(description="Calendars that follow appointments.")
class CalendarMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Open a feed of the appointments for a calendar. Its address is shown once and is worth as much "
        "as what it shows; a new one makes the former one worthless. Its words are in the language of "
        "`Accept-Language`."
    )
    async def create_calendar_feed(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CreateCalendarFeedInput, strawberry.argument(description="What it tells.")
        ],
    ) -> CreateCalendarFeedPayload | None:
        """Open a feed."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.calendar_feeds.create(
                actor,
                person_of(actor, input.person_id),
                detail=Detail(str(input.detail.value)),
                language=context.language,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CreateCalendarFeedPayload(errors=user_errors(context, refusal))
        context.mark_replay(replayed=outcome.replayed)
        opened = outcome.value
        return CreateCalendarFeedPayload(feed=to_feed(opened.feed), url=None if opened.url is None else URL(opened.url))

    @mutation(description="Say how much the feed tells from its next reading on, and in which language.")
    async def change_calendar_feed(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            ChangeCalendarFeedInput, strawberry.argument(description="What it tells.")
        ],
    ) -> ChangeCalendarFeedPayload | None:
        """Change the feed."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.calendar_feeds.change(
                actor,
                person_of(actor, input.person_id),
                detail=Detail(str(input.detail.value)),
                language=context.language,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ChangeCalendarFeedPayload(errors=user_errors(context, refusal))
        context.mark_replay(replayed=outcome.replayed)
        return ChangeCalendarFeedPayload(feed=to_feed(outcome.value))

    @mutation(description="End the feed: its address answers as one that never was.")
    async def revoke_calendar_feed(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            RevokeCalendarFeedInput, strawberry.argument(description="Which.")
        ],
    ) -> RevokeCalendarFeedPayload | None:
        """Revoke the feed."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.calendar_feeds.revoke(
                actor, person_of(actor, input.person_id), idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return RevokeCalendarFeedPayload(errors=user_errors(context, refusal))
        context.mark_replay(replayed=outcome.replayed)
        return RevokeCalendarFeedPayload(revoked_at=context.clock())
