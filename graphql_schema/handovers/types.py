"""Handovers as clients see them."""

from typing import Annotated, TypeAlias

import strawberry

from graphql_schema.booking.appointment_types import Appointment, SlotHold
from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime

HandoverSubject: TypeAlias = Annotated[
    SlotHold | Appointment,
    strawberry.union(
        "HandoverSubject", description="What was begun at the kiosk or in the call. New kinds may appear."
    ),
]


@strawberry.type(
    description="A code to go on by at one's phone. It signs nobody in, serves its own person alone, once, and only "
    "the last one of a kiosk's session, or of a call, is good."
)
class Handover:
    """A code."""

    code: str = strawberry.field(description="Two groups of four, without letters that are mistaken for others.")
    link: str = strawberry.field(
        description="For a QR code: opens the app with the code, which stands in its fragment."
    )
    expires_at: DateTime = strawberry.field(description="When the code ends: five minutes after it was made.")
    server_time: DateTime = strawberry.field(description="The server's present time, to count down from.")


@strawberry.type(description="What came of asking for a code.")
class CreateHandoverPayload:
    """A code, or why there is none."""

    handover: Handover | None = strawberry.field(default=None, description="The code; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of asking for a code in a call.")
class CreateCallHandoverPayload:
    """A code, or why there is none."""

    handover: Handover | None = strawberry.field(default=None, description="The code; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of going on at the phone.")
class AcceptHandoverPayload:
    """What to go on with, or why not."""

    accepted_at: DateTime | None = strawberry.field(
        default=None, description="When it was taken over, and a kiosk's session ended by it; null when refused."
    )
    about: HandoverSubject | None = strawberry.field(
        default=None, description="What was begun, as it stands now; null for nothing, and for what is over."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
