"""Cancelling a day, closing visits, and appeals against missed ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.booking.errors import AppointmentNotFound
from backend.booking.values import AppointmentId, ClinicId, DoctorId
from backend.errors import NotFound
from backend.reception.proposal_values import ProposalId, ProposalReason
from graphql_schema.booking.appointment_types import AppointmentStatus
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from graphql_schema.reception.inputs import (
    AppealNoShowInput,
    CloseVisitInput,
    ConfirmCancellationInput,
    ProposeCancellationInput,
    SettleNoShowAppealInput,
)
from graphql_schema.reception.presentation import to_proposal, to_rule
from graphql_schema.reception.proposal_types import (
    AppealNoShowPayload,
    CloseVisitPayload,
    ConfirmCancellationPayload,
    ProposeCancellationPayload,
    SettleNoShowAppealPayload,
)
from graphql_schema.reception.schedule_mutations import ScheduleMutations
from identity.access import signed_in

_CLINIC: Mapping[str, str] = MappingProxyType({"NOT_FOUND": "clinicId", "CLINIC_KEPT_ELSEWHERE": "clinicId"})
_PROPOSAL: Mapping[str, str] = MappingProxyType({"NOT_FOUND": "proposalId", "PROPOSAL_OUTDATED": "proposalId"})
_VISIT: Mapping[str, str] = MappingProxyType(
    {
        "APPEAL_NOT_POSSIBLE": "appointmentId",
        "APPEAL_TEXT_REFUSED": "text",
        "APPOINTMENT_NOT_FOUND": "appointmentId",
    }
)


def _visit_id(given: strawberry.ID) -> AppointmentId:
    return AppointmentId(decode_id(given, "Appointment", missing=AppointmentNotFound))


@strawberry.type(description="Changes at the registry desk of a clinic, and appeals of people.")
class ReceptionMutations(ScheduleMutations):
    """Joined into the root of changes."""

    @mutation(
        description="Find out what cancelling a day, or a doctor's range, would do: nothing is changed. The proposal "
        "can be confirmed for 15 minutes. NOT_FOUND for another organisation's clinic."
    )
    async def propose_cancellation(
        self,
        info: Info,
        input: Annotated[ProposeCancellationInput, strawberry.argument(description="What.")],  # noqa: A002 # the public name
    ) -> ProposeCancellationPayload | None:
        """Propose a cancellation."""
        context = info.context
        doctor = input.doctor_id
        try:
            proposed = await context.services.reception.cancellations.propose(
                signed_in(context.principal),
                clinic_id=ClinicId(decode_id(input.clinic_id, "Clinic", missing=NotFound)),
                doctor_id=None if doctor is None else DoctorId(decode_id(doctor, "Doctor", missing=NotFound)),
                starts_from=input.starts_from,
                starts_before=input.starts_before,
                reason=ProposalReason(str(input.cause.value)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ProposeCancellationPayload(errors=user_errors(context, refusal, _CLINIC))
        context.mark_replay(replayed=proposed.replayed)
        return ProposeCancellationPayload(proposal=to_proposal(proposed.value))

    @mutation(
        description="Do what was proposed: slots are withdrawn and their holds released at once; then each appointment "
        "is cancelled, and another time kept for the person for a day, or the person put on the call list. What this "
        "answer does not show as settled is settled within seconds. PROPOSAL_OUTDATED: propose anew."
    )
    async def confirm_cancellation(
        self,
        info: Info,
        input: Annotated[ConfirmCancellationInput, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
    ) -> ConfirmCancellationPayload | None:
        """Confirm a cancellation."""
        context = info.context
        try:
            done = await context.services.reception.cancellations.confirm(
                signed_in(context.principal),
                proposal_id=ProposalId(decode_id(input.proposal_id, "CancellationProposal", missing=NotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ConfirmCancellationPayload(errors=user_errors(context, refusal, _PROPOSAL))
        context.mark_replay(replayed=done.replayed)
        return ConfirmCancellationPayload(proposal=to_proposal(done.value))

    @mutation(
        description="Say of a visit to the own clinic that the person came, or did not; the word can be corrected. "
        "APPOINTMENT_NOT_FOUND for another organisation's, and before it has begun."
    )
    async def close_visit(
        self,
        info: Info,
        input: Annotated[CloseVisitInput, strawberry.argument(description="Whether the person came.")],  # noqa: A002 # the public name
    ) -> CloseVisitPayload | None:
        """Close a visit."""
        context = info.context
        try:
            closed = await context.services.reception.visits.close_visit(
                signed_in(context.principal),
                appointment_id=_visit_id(input.appointment_id),
                attended=input.attended,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CloseVisitPayload(errors=user_errors(context, refusal, _VISIT))
        context.mark_replay(replayed=closed.replayed)
        return CloseVisitPayload(status=AppointmentStatus(closed.value.status.value))

    @mutation(
        description="Say that a visit was not missed, once a visit; until it is answered the visit does not count."
    )
    async def appeal_no_show(
        self,
        info: Info,
        input: Annotated[AppealNoShowInput, strawberry.argument(description="Which, and why.")],  # noqa: A002 # the public name
    ) -> AppealNoShowPayload | None:
        """Appeal against a missed visit."""
        context = info.context
        visits = context.services.reception.visits
        try:
            actor = signed_in(context.principal)
            person_id = person_of(actor, input.person_id)
            said = await visits.appeal(
                actor,
                person_id=person_id,
                appointment_id=_visit_id(input.appointment_id),
                words=input.text,
                idempotency_key=input.idempotency_key,
            )
            standing = await visits.no_shows(actor, person_id=person_id)
        except REFUSALS as refusal:
            return AppealNoShowPayload(errors=user_errors(context, refusal, _VISIT))
        context.mark_replay(replayed=said.replayed)
        return AppealNoShowPayload(no_show_rule=to_rule(standing))

    @mutation(
        description="Answer an appeal: accepted, the visit never counts; otherwise it does. By the desk of the clinic "
        "or by the auditors."
    )
    async def settle_no_show_appeal(
        self,
        info: Info,
        input: Annotated[SettleNoShowAppealInput, strawberry.argument(description="How.")],  # noqa: A002 # the public name
    ) -> SettleNoShowAppealPayload | None:
        """Answer an appeal."""
        context = info.context
        try:
            settled = await context.services.reception.visits.settle_appeal(
                signed_in(context.principal),
                appointment_id=_visit_id(input.appointment_id),
                accepted=input.accepted,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return SettleNoShowAppealPayload(errors=user_errors(context, refusal, _VISIT))
        context.mark_replay(replayed=settled.replayed)
        return SettleNoShowAppealPayload(settled=True)
