"""What the desk of a clinic sends, and what people send about visits they missed."""

from uuid import UUID

import strawberry

from graphql_schema.booking.types import BookingChannel
from graphql_schema.reception.proposal_types import CancellationCause
from graphql_schema.scalars import Date, DateTime

_KEY = "Made by the client for this intention; repeating it returns the first outcome."
_POST = "Global id of the post."


@strawberry.input(description="A share of a channel.")
class ScheduleQuotaInput:
    """Of a template."""

    channel: BookingChannel = strawberry.field(description="Through which door.")
    most: int = strawberry.field(description="How many slots of one reception at most.")


@strawberry.input(description="How a post receives on one weekday; times are of the clinic's clock.")
class AddScheduleTemplateInput:
    """The input of `addScheduleTemplate`."""

    post_id: strawberry.ID = strawberry.field(description=_POST)
    weekday: int = strawberry.field(description="1 is Monday, 7 is Sunday.")
    opens: str = strawberry.field(description="When reception begins, as 08:30.")
    closes: str = strawberry.field(description="When it ends, as 12:00; a slot that would run past it is not made.")
    slot_minutes: int = strawberry.field(description="Length of each slot, 480 at most.")
    channels: list[BookingChannel] = strawberry.field(description="Through which doors its slots are given out.")
    quotas: list[ScheduleQuotaInput] = strawberry.field(
        default_factory=list, description="Shares of channels; one without may give out all."
    )
    release_days_before: int | None = strawberry.field(
        default=None, description="So many days before theirs the slots begin to be given out; with `releaseAt`."
    )
    release_at: str | None = strawberry.field(default=None, description="At which time of that day, as 07:30.")
    valid_from: Date = strawberry.field(description="The first day.")
    valid_to: Date | None = strawberry.field(default=None, description="The last day; none for no end.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which template ends.")
class EndScheduleTemplateInput:
    """The input of `endScheduleTemplate`."""

    template_id: strawberry.ID = strawberry.field(description="Global id of the template.")
    last: Date = strawberry.field(description="The last day it is good for; what is published stays.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which days to publish.")
class PublishScheduleInput:
    """The input of `publishSchedule`."""

    post_id: strawberry.ID = strawberry.field(description=_POST)
    first: Date = strawberry.field(description="The first day, today or later by the clinic's calendar.")
    last: Date = strawberry.field(description="The last day, inclusive; 92 days at most.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which part of a reception to close.")
class CloseReceptionInput:
    """The input of `closeReception`."""

    post_id: strawberry.ID = strawberry.field(description=_POST)
    starts_from: DateTime = strawberry.field(name="from", description="Slots that begin at this instant or later.")
    starts_before: DateTime = strawberry.field(name="to", description="Slots that begin before this instant.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Whether people queue for what a post begins to give out.")
class SetReleaseQueueInput:
    """The input of `setReleaseQueue`."""

    post_id: strawberry.ID = strawberry.field(description=_POST)
    is_on: bool = strawberry.field(description="True to let them, false to give out to whoever comes first.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What a clinic wants to cancel.")
class ProposeCancellationInput:
    """The input of `proposeCancellation`."""

    clinic_id: strawberry.ID = strawberry.field(description="Global id of a clinic of the own organisation.")
    doctor_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of one doctor there; all of them when left out."
    )
    starts_from: DateTime = strawberry.field(name="from", description="Visits that begin at this instant or later.")
    starts_before: DateTime = strawberry.field(name="to", description="Visits that begin before this instant.")
    cause: CancellationCause = strawberry.field(description="Why; for the desk.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which proposal is to be carried out.")
class ConfirmCancellationInput:
    """The input of `confirmCancellation`."""

    proposal_id: strawberry.ID = strawberry.field(description="Global id that `proposeCancellation` gave.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Whether a person came.")
class CloseVisitInput:
    """The input of `closeVisit`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of a visit to the own clinic.")
    attended: bool = strawberry.field(description="True when the person was seen, false when they did not come.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What the person says against a visit being called missed.")
class AppealNoShowInput:
    """The input of `appealNoShow`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the visit.")
    text: str = strawberry.field(description="What happened, in 1,000 characters at most.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="For whom: the global id of a person; the signed-in one when left out."
    )


@strawberry.input(description="How an appeal is answered.")
class SettleNoShowAppealInput:
    """The input of `settleNoShowAppeal`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the visit.")
    accepted: bool = strawberry.field(description="True when the visit is not to count, false when it counts.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
