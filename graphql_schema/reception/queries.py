"""Reading at the registry desk of a clinic, and what people read of missed visits."""

from typing import Annotated, TypeAlias

import strawberry

from backend.booking.values import SlotHold as SlotHoldValue
from backend.errors import NotFound
from backend.reception.proposal_values import ProposalId
from backend.reception.values import PostId
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.appointment_types import SlotHold
from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.node import decode_id
from graphql_schema.reception.presentation import to_appeal, to_plan, to_post, to_proposal, to_rule, to_template
from graphql_schema.reception.proposal_types import CancellationProposal, NoShowAppeal, NoShowRule
from graphql_schema.reception.types import DeskPost, PlannedReception, ScheduleTemplate
from graphql_schema.scalars import Date
from identity.principal import PersonId

Post: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="Global id of the post.")]


@strawberry.type(description="The registry desk of a clinic.")
class ReceptionQueries:
    """Joined into the root of reading."""

    @field(description="The posts at every clinic of the own organisation. ACCESS_REFUSED to all but its staff.")
    async def desk_posts(self, info: Info) -> list[DeskPost] | None:
        """Return the posts."""
        context = info.context
        found = await context.services.reception.posts(context.principal)
        return [to_post(one, context.language) for one in found]

    @field(description="How a post receives, by weekday and hour; NOT_FOUND for another organisation's.")
    async def schedule_templates(self, info: Info, post_id: Post) -> list[ScheduleTemplate] | None:
        """Return the templates."""
        context = info.context
        post = PostId(decode_id(post_id, "Post", missing=NotFound))
        found = await context.services.reception.schedules.templates(context.principal, post_id=post)
        return [to_template(one) for one in found]

    @field(description="What publishing these days would make; changes nothing. DATES_REFUSED for past or too many.")
    async def schedule_preview(
        self,
        info: Info,
        post_id: Post,
        first: Annotated[Date, strawberry.argument(description="The first day.")],
        last: Annotated[Date, strawberry.argument(description="The last day, inclusive.")],
    ) -> list[PlannedReception] | None:
        """Return the plan."""
        context = info.context
        post = PostId(decode_id(post_id, "Post", missing=NotFound))
        found = await context.services.reception.schedules.preview(
            context.principal, post_id=post, first=first, last=last
        )
        return [to_plan(one) for one in found]

    @field(
        description="A cancellation as it stands, with the call list; NOT_FOUND for another organisation's. Each look "
        "is in the access log of everybody whom it is about."
    )
    async def cancellation_proposal(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As `proposeCancellation` gave.")],  # noqa: A002 # the public name
    ) -> CancellationProposal | None:
        """Return a proposal."""
        context = info.context
        proposal_id = ProposalId(decode_id(id, "CancellationProposal", missing=NotFound))
        return to_proposal(
            await context.services.reception.cancellations.proposal(context.principal, proposal_id=proposal_id)
        )

    @field(
        description="Appeals against missed visits that wait, the oldest first, 100 at most: of the own clinics, or of "
        "all at the auditors' desk. Each look is in the access log of everybody who appealed."
    )
    async def no_show_appeals(self, info: Info) -> list[NoShowAppeal] | None:
        """Return the queue."""
        context = info.context
        return [to_appeal(one) for one in await context.services.reception.visits.appeals(context.principal)]


@strawberry.type(description="What a person reads of missed visits and of times offered in place of cancelled ones.")
class ReceptionOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(description="How the person stands with the rule about missed visits.")
    async def no_show_rule(self, info: Info) -> NoShowRule | None:
        """Return the own standing."""
        context = info.context
        visits = context.services.reception.visits
        return to_rule(await visits.no_shows(context.principal, person_id=self.person_id))

    @field(
        description="Times that clinics keep for the person in place of visits they cancelled, the first that ends "
        "first; book one by `bookAppointment`."
    )
    async def replacement_offers(self, info: Info) -> list[SlotHold] | None:
        """Return the own offers."""
        context = info.context
        found = await context.services.reception.visits.offers(context.principal, person_id=self.person_id)
        writer = AppointmentWriter(context)
        return [
            writer.hold(SlotHoldValue(one.id, one.slot, one.hold_expires_at)) for one in found if one.hold_expires_at
        ]
