"""The access log, emergencies and reviews as clients see them."""

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.node import Node
from graphql_schema.oversight.words import (
    AccessOutcome,
    AccessPurpose,
    AccessRole,
    ActorKind,
    EmergencyCategory,
    ReviewSource,
    ReviewState,
    ReviewVerdict,
)
from graphql_schema.scalars import DateTime


@strawberry.type(description="Something that was done or tried.")
class AccessAction:
    """Action."""

    code: str = strawberry.field(description="The stable word; new ones may appear.")
    name: str = strawberry.field(description="What it is called, in the language of `Accept-Language`.")


@strawberry.type(description="Who it was.")
class AccessActor:
    """Actor."""

    kind: ActorKind = strawberry.field(description="As what they were signed in.")
    is_self: bool = strawberry.field(description="Whether it was the person themself.")
    name: str | None = strawberry.field(
        description="Full name of staff, and of family that was let in; null for the person themself, for citizens "
        "who were denied, and where it is not known."
    )


@strawberry.type(description="The organisation somebody worked for.")
class AccessOrganization:
    """Organisation."""

    ogrn: str = strawberry.field(description="State registration number.")
    name: str | None = strawberry.field(description="What it is called, where that is known.")


@strawberry.type(description="What became of an access that the person said was not right.")
class AccessReport:
    """Report."""

    reported_at: DateTime = strawberry.field(description="When it was said.")
    state: ReviewState = strawberry.field(description="Where the review stands.")
    verdict: ReviewVerdict | None = strawberry.field(description="What the officer found; null until then.")
    settled_at: DateTime | None = strawberry.field(description="When it was settled; null until then.")


@strawberry.type(description="One access to the person's data, or one that was denied.")
class AccessLogEntry(Node):
    """Entry."""

    at: DateTime = strawberry.field(description="When; with `times` above 1 the beginning of an hour.")
    actor: AccessActor = strawberry.field(description="Who.")
    organization: AccessOrganization | None = strawberry.field(description="For whom they worked; null for citizens.")
    clinic: str | None = strawberry.field(description="Where the kiosk stands; null elsewhere, and when it is gone.")
    role: AccessRole | None = strawberry.field(description="What they were to the person; null where denied.")
    purpose: AccessPurpose | None = strawberry.field(description="What for; null where denied.")
    on_behalf_of: str | None = strawberry.field(
        description="Full name of who asked for it, where that is neither actor nor person: the caller of 122."
    )
    actions: list[AccessAction] = strawberry.field(description="What was done together, or tried.")
    outcome: AccessOutcome = strawberry.field(description="How it ended.")
    times: int = strawberry.field(description="How often; the person's own use of an hour is one entry.")
    report: AccessReport | None = strawberry.field(
        description="What became of it, where the person said that it was not right."
    )


@strawberry.type(description="The person's own use in one session and hour that is not in the log yet.")
class OwnAccess:
    """Own use."""

    hour: DateTime = strawberry.field(description="The beginning of the hour.")
    kind: ActorKind = strawberry.field(description="As what the person was signed in.")
    clinic: str | None = strawberry.field(description="Where the kiosk stands; null elsewhere, and when it is gone.")
    actions: list[AccessAction] = strawberry.field(description="What was done.")
    times: int = strawberry.field(description="How often, all together.")


@strawberry.type(description="Somebody's data opened in an emergency.")
class EmergencyAccess:
    """Emergency."""

    id: strawberry.ID = strawberry.field(description="Opaque.")
    category: EmergencyCategory = strawberry.field(description="What kind of emergency.")
    opened_at: DateTime = strawberry.field(description="When it was opened.")
    expires_at: DateTime = strawberry.field(description="When it ends; it is not extended.")


@strawberry.type(description="The emergency a review is about.")
class ReviewedEmergency:
    """Emergency, for an officer."""

    category: EmergencyCategory = strawberry.field(description="What kind of emergency.")
    reason: str = strawberry.field(description="Why, as the actor wrote it.")
    opened_at: DateTime = strawberry.field(description="When it was opened.")
    expires_at: DateTime = strawberry.field(description="When it ends or ended.")


@strawberry.type(description="The entry of the access log a review is about.")
class ReviewedEntry:
    """Entry, for an officer."""

    at: DateTime = strawberry.field(description="When; with `times` above 1 the beginning of an hour.")
    role: AccessRole | None = strawberry.field(description="What the actor was to the person; null where denied.")
    actions: list[AccessAction] = strawberry.field(description="What was done together, or tried.")
    outcome: AccessOutcome = strawberry.field(description="How it ended.")
    times: int = strawberry.field(description="How often.")


@strawberry.type(
    description="One thing an officer must look at. It holds ids, kinds, times and reasons, no medical data."
)
class Review:
    """Review."""

    id: strawberry.ID = strawberry.field(description="What `settleReview` needs; opaque.")
    source: ReviewSource = strawberry.field(description="Why it is here.")
    state: ReviewState = strawberry.field(description="Where it stands.")
    opened_at: DateTime = strawberry.field(description="Since when it is here.")
    due_at: DateTime = strawberry.field(description="Until when it is to be settled.")
    is_overdue: bool = strawberry.field(description="Whether that time is over and it is not settled.")
    person_id: strawberry.ID = strawberry.field(description="Global id of the person; an officer cannot open it.")
    actor_id: strawberry.ID | None = strawberry.field(description="Global id of whose deed it is; as above.")
    actor_kind: ActorKind | None = strawberry.field(description="As what the actor was signed in.")
    organization: str | None = strawberry.field(description="OGRN of the actor's employer.")
    emergency: ReviewedEmergency | None = strawberry.field(description="Where it is about an emergency.")
    entry: ReviewedEntry | None = strawberry.field(description="Where it is about an entry of the access log.")
    comment: str | None = strawberry.field(description="What the person says about it.")
    verdict: ReviewVerdict | None = strawberry.field(description="What the officer found last.")
    note: str | None = strawberry.field(description="What the officer wrote last.")
    settled_at: DateTime | None = strawberry.field(description="When it was settled.")


@strawberry.type(description="What came of opening data in an emergency.")
class OpenEmergencyAccessPayload:
    """An emergency, or why there is none."""

    emergency: EmergencyAccess | None = strawberry.field(
        default=None, description="The emergency as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of saying that an access was not right.")
class ReportAccessPayload:
    """The entry, or why it was not taken."""

    entry: AccessLogEntry | None = strawberry.field(
        default=None, description="The entry with its report as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of settling a review.")
class SettleReviewPayload:
    """The review, or why it stands."""

    review: Review | None = strawberry.field(
        default=None, description="The review as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
