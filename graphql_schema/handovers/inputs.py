"""What a kiosk, an operator of 122 and a phone send to hand over."""

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


@strawberry.input(description="What the patient of a call wants to go on with in their app.")
class CreateCallHandoverInput:
    """The input of `createCallHandover`."""

    person_id: strawberry.ID = strawberry.field(description="Id of the patient of the operator's open call.")
    about: strawberry.ID = strawberry.field(description="Id of a SlotHold or an Appointment of the patient.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="The code that the kiosk shows, or that the operator of 122 reads out.")
class AcceptHandoverInput:
    """The input of `acceptHandover`."""

    code: str = strawberry.field(
        description="Eight letters and digits, typed or from the fragment of the link; case and hyphens do not matter."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
