"""Changes of schedules at the registry desk."""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.booking.values import Channel
from backend.errors import NotFound
from backend.reception.errors import TemplateRefused
from backend.reception.values import PostId, Release, Template, TemplateId
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id, encode_id
from graphql_schema.reception.inputs import (
    AddScheduleTemplateInput,
    CloseReceptionInput,
    EndScheduleTemplateInput,
    PublishScheduleInput,
    SetReleaseQueueInput,
)
from graphql_schema.reception.types import (
    AddScheduleTemplatePayload,
    CloseReceptionPayload,
    EndScheduleTemplatePayload,
    PublishSchedulePayload,
    ReceptionClosure,
    SchedulePublication,
    SetReleaseQueuePayload,
)
from identity.access import signed_in

_POST: Mapping[str, str] = MappingProxyType({"NOT_FOUND": "postId"})
_TEMPLATE: Mapping[str, str] = MappingProxyType({"NOT_FOUND": "templateId", "DATES_REFUSED": "last"})


@strawberry.type(description="Changes of schedules.")
class ScheduleMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Add how a post receives on one weekday; nothing is made of it until its days are published. "
        "NOT_FOUND for another organisation's post."
    )
    async def add_schedule_template(
        self,
        info: Info,
        input: Annotated[AddScheduleTemplateInput, strawberry.argument(description="How.")],  # noqa: A002 # the public name
    ) -> AddScheduleTemplatePayload | None:
        """Add a template."""
        context = info.context
        try:
            added = await context.services.reception.schedules.add_template(
                signed_in(context.principal),
                post_id=PostId(decode_id(input.post_id, "Post", missing=NotFound)),
                template=_template(input),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return AddScheduleTemplatePayload(errors=user_errors(context, refusal, _POST))
        context.mark_replay(replayed=added.replayed)
        return AddScheduleTemplatePayload(template_id=encode_id("ScheduleTemplate", added.value))

    @mutation(description="Let a template make nothing after a day; what is published of later days stays.")
    async def end_schedule_template(
        self,
        info: Info,
        input: Annotated[EndScheduleTemplateInput, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
    ) -> EndScheduleTemplatePayload | None:
        """End a template."""
        context = info.context
        try:
            ended = await context.services.reception.schedules.end_template(
                signed_in(context.principal),
                template_id=TemplateId(decode_id(input.template_id, "ScheduleTemplate", missing=NotFound)),
                last=input.last,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return EndScheduleTemplatePayload(errors=user_errors(context, refusal, _TEMPLATE))
        context.mark_replay(replayed=ended.replayed)
        return EndScheduleTemplatePayload(template_id=encode_id("ScheduleTemplate", ended.value))

    @mutation(
        description="Make receptions and slots of a post's templates. Publishing the same days again adds only what is "
        "missing: what is there stays as it is, withdrawn slots too."
    )
    async def publish_schedule(
        self,
        info: Info,
        input: Annotated[PublishScheduleInput, strawberry.argument(description="Which days.")],  # noqa: A002 # the public name
    ) -> PublishSchedulePayload | None:
        """Publish days."""
        context = info.context
        try:
            done = await context.services.reception.schedules.publish(
                signed_in(context.principal),
                post_id=PostId(decode_id(input.post_id, "Post", missing=NotFound)),
                first=input.first,
                last=input.last,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return PublishSchedulePayload(errors=user_errors(context, refusal, _POST))
        context.mark_replay(replayed=done.replayed)
        one = done.value
        return PublishSchedulePayload(
            publication=SchedulePublication(
                receptions=one.receptions, made=one.made, there=one.there, overlapping=one.overlapping
            )
        )

    @mutation(description="Give free slots of a post out no more; what people hold or have booked they keep.")
    async def close_reception(
        self,
        info: Info,
        input: Annotated[CloseReceptionInput, strawberry.argument(description="Which part.")],  # noqa: A002 # the public name
    ) -> CloseReceptionPayload | None:
        """Close a part of a reception."""
        context = info.context
        try:
            closed = await context.services.reception.schedules.close(
                signed_in(context.principal),
                post_id=PostId(decode_id(input.post_id, "Post", missing=NotFound)),
                starts_from=input.starts_from,
                starts_before=input.starts_before,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CloseReceptionPayload(errors=user_errors(context, refusal, _POST))
        context.mark_replay(replayed=closed.replayed)
        return CloseReceptionPayload(
            closure=ReceptionClosure(withdrawn=closed.value.withdrawn, claimed=closed.value.claimed)
        )

    @mutation(
        description="Let people queue for what a post gives out from a later instant on: drawn by lot at that instant, "
        "served by turns. Switched off, queues that somebody has joined go on to their end."
    )
    async def set_release_queue(
        self,
        info: Info,
        input: Annotated[SetReleaseQueueInput, strawberry.argument(description="Of which post.")],  # noqa: A002 # the public name
    ) -> SetReleaseQueuePayload | None:
        """Switch the queue of a post."""
        context = info.context
        try:
            done = await context.services.reception.schedules.set_release_queue(
                signed_in(context.principal),
                post_id=PostId(decode_id(input.post_id, "Post", missing=NotFound)),
                is_on=input.is_on,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return SetReleaseQueuePayload(errors=user_errors(context, refusal, _POST))
        context.mark_replay(replayed=done.replayed)
        return SetReleaseQueuePayload(post_id=encode_id("Post", done.value))


def _template(given: AddScheduleTemplateInput) -> Template:
    if (given.release_days_before is None) != (given.release_at is None):
        raise TemplateRefused
    release = None
    if given.release_days_before is not None and given.release_at is not None:
        release = Release(given.release_days_before, _time(given.release_at))
    return Template(
        weekday=given.weekday,
        opens=_time(given.opens),
        closes=_time(given.closes),
        slot_minutes=given.slot_minutes,
        channels=frozenset(Channel(str(one.value)) for one in given.channels),
        quotas={Channel(str(one.channel.value)): one.most for one in given.quotas},
        release=release,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )


def _time(text: str) -> time:
    """Read 08:30."""
    hours, colon, minutes = text.partition(":")
    if not (
        colon and len(text) == 5 and hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()
    ):
        raise TemplateRefused
    if int(hours) > 23 or int(minutes) > 59:
        raise TemplateRefused
    return time(int(hours), int(minutes))
