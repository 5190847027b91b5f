"""What an officer sends about guardianships."""

from uuid import UUID

import strawberry

from graphql_schema.guardianships.types import GuardianshipVerdict

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="What an officer has decided about a guardianship.")
class SettleGuardianshipInput:
    """The input of `settleGuardianship`."""

    guardianship_id: strawberry.ID = strawberry.field(description="Id of a guardianship of `guardianshipQueue`.")
    verdict: GuardianshipVerdict = strawberry.field(description="Whether the document is as it was told.")
    note: str | None = strawberry.field(
        default=None,
        description="Why, 1,000 characters at most; a refusal needs one. For officers, and in the copy of the "
        "guardian's data.",
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What the law gave and an officer ends.")
class EndRepresentationByLawInput:
    """The input of `endRepresentationByLaw`."""

    representation_id: strawberry.ID = strawberry.field(
        description="Id of a parent's or a guardian's representation: `representationId` of `guardianshipQueue`, or "
        "what either side sees as `Representation.id`."
    )
    note: str = strawberry.field(
        description="By which decision, 1 to 1,000 characters. For officers, and in the copies of both sides' data."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
