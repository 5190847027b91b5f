"""What a kiosk and a phone send to hand over."""

from uuid import UUID

import strawberry

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="What the person wants to go on with at their phone.")
class CreateHandoverInput:
    """The input of `createHandover`."""

    about: strawberry.ID | None = strawberry.field(
        default=None,
        description="Id of a SlotHold or an Appointment of the person; left out, only the kiosk's session is ended.",
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="The code that the kiosk shows.")
class AcceptHandoverInput:
    """The input of `acceptHandover`."""

    code: str = strawberry.field(
        description="Eight letters and digits, typed or from the fragment of the link; case and hyphens do not matter."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
