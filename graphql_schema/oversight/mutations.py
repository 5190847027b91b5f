"""Breaking the glass, saying that an access was not right, and settling reviews."""

from typing import Annotated

import strawberry

from backend.errors import NotFound
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.oversight.inputs import OpenEmergencyAccessInput, ReportAccessInput, SettleReviewInput
from graphql_schema.oversight.presentation import to_emergency, to_review
from graphql_schema.oversight.queries import find_entry
from graphql_schema.oversight.types import OpenEmergencyAccessPayload, ReportAccessPayload, SettleReviewPayload
from graphql_schema.people import person_of
from identity.access import signed_in
from identity.access_log import sequence_of
from identity.emergency_values import EmergencyCategory
from identity.principal import PersonId
from identity.review_values import ReviewId, Verdict

_NO_ENTRY = 0


@strawberry.type(description="Changes of oversight.")
class OversightMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Open a person's data at once, for half an hour: for clinicians and ambulance crews, in an "
        "emergency. The person is told, an officer reviews it. It is not extended: a new one needs a new reason."
    )
    async def open_emergency_access(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            OpenEmergencyAccessInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> OpenEmergencyAccessPayload | None:
        """Break the glass."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            opened = await context.services.emergencies.open(
                actor,
                person_of(actor, input.person_id),
                category=EmergencyCategory(str(input.category.value)),
                reason=input.reason,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            fields = {"EMERGENCY_REASON_INVALID": "reason"}
            return OpenEmergencyAccessPayload(errors=user_errors(context, refusal, fields))
        context.mark_replay(replayed=opened.replayed)
        return OpenEmergencyAccessPayload(emergency=to_emergency(opened.value))

    @mutation(
        description="Say that an access was not right: an officer looks at it, once an entry, and tells what it was."
    )
    async def report_access(
        self,
        info: Info,
        input: Annotated[ReportAccessInput, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
    ) -> ReportAccessPayload | None:
        """Report an entry of the own log."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            person = person_of(actor, input.person_id)
            reported = await context.services.reviews.report(
                actor,
                person,
                _sequence(person, input.entry_id),
                comment=input.comment,
                idempotency_key=input.idempotency_key,
            )
            entry = await find_entry(context, person, reported.value)
        except REFUSALS as refusal:
            fields = {"NOT_FOUND": "entryId", "COMMENT_REFUSED": "comment"}
            return ReportAccessPayload(errors=user_errors(context, refusal, fields))
        context.mark_replay(replayed=reported.replayed)
        return ReportAccessPayload(entry=entry)

    @mutation(description="Settle a review, or say that more is needed. The person is told when it is settled.")
    async def settle_review(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            SettleReviewInput, strawberry.argument(description="Which, and what was found.")
        ],
    ) -> SettleReviewPayload | None:
        """Settle a review."""
        context = info.context
        try:
            settled = await context.services.reviews.settle(
                context.principal,
                ReviewId(decode_id(input.review_id, "Review")),
                verdict=Verdict(str(input.verdict.value)),
                note=input.note,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            fields = {"NOT_FOUND": "reviewId", "REVIEW_ALREADY_SETTLED": "reviewId", "COMMENT_REFUSED": "note"}
            return SettleReviewPayload(errors=user_errors(context, refusal, fields))
        context.mark_replay(replayed=settled.replayed)
        return SettleReviewPayload(review=to_review(settled.value, now=context.clock(), language=context.language))


def _sequence(person_id: PersonId, global_id: strawberry.ID) -> int:
    """Return which entry of a person's log is named; one that never is for any other id: rights are asked first."""
    try:
        return sequence_of(person_id, decode_id(global_id, "AccessLogEntry")) or _NO_ENTRY
    except NotFound:
        return _NO_ENTRY
