"""What clients send about oversight."""

from uuid import UUID

import strawberry

from graphql_schema.oversight.words import AccessOutcome, EmergencyCategory, ReviewVerdict

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="Which entries; what is left out does not narrow the log.")
class AccessLogFilter:
    """The filter of `accessLog`."""

    others_only: bool = strawberry.field(default=False, description="Only what others did or tried.")
    outcome: AccessOutcome | None = strawberry.field(default=None, description="Only what ended so.")


@strawberry.input(description="Whose data to open, and why.")
class OpenEmergencyAccessInput:
    """The input of `openEmergencyAccess`."""

    person_id: strawberry.ID = strawberry.field(description="Global id of the person.")
    category: EmergencyCategory = strawberry.field(description="What kind of emergency.")
    reason: str = strawberry.field(description="Why, 10 to 500 characters; an officer will read it.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which access was not right.")
class ReportAccessInput:
    """The input of `reportAccess`."""

    entry_id: strawberry.ID = strawberry.field(description="Global id of the entry of the access log.")
    comment: str | None = strawberry.field(default=None, description="What was not right, 1,000 characters at most.")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="In whose log: the global id of a person; the signed-in one's when left out."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What an officer found.")
class SettleReviewInput:
    """The input of `settleReview`."""

    review_id: strawberry.ID = strawberry.field(description="Id of the review that `reviewQueue` gave.")
    verdict: ReviewVerdict = strawberry.field(description="What was found; NEEDS_MORE keeps it in the queue.")
    note: str = strawberry.field(description="Why, 1 to 1,000 characters; for officers.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
