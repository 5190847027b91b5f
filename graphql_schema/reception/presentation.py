"""Values of the registry desk turned into what clients see."""

from backend.booking import no_shows
from backend.booking.values import Channel
from backend.reception import proposal_values, values
from backend.reception.visit_values import Appeal
from graphql_schema.booking.presentation import to_clinic, to_doctor, to_specialty
from graphql_schema.booking.types import BookingChannel
from graphql_schema.catalogue import Language
from graphql_schema.node import encode_id
from graphql_schema.reception.proposal_types import (
    CallReason,
    CancellationCause,
    CancellationItem,
    CancellationItemState,
    CancellationProposal,
    CancellationStatus,
    MissedVisit,
    NoShowAppeal,
    NoShowAppealState,
    NoShowRule,
)
from graphql_schema.reception.types import DeskPost, PlannedReception, ScheduleQuota, ScheduleTemplate


def to_post(post: values.ListedPost, language: Language) -> DeskPost:
    """Write a post."""
    return DeskPost(
        id=encode_id("Post", post.id),
        room=post.room,
        clinic=to_clinic(post.clinic),
        doctor=to_doctor(post.doctor),
        specialty=to_specialty(post.specialty, language),
        releases_by_queue=post.releases_by_queue,
    )


def to_template(stored: values.StoredTemplate) -> ScheduleTemplate:
    """Write a template."""
    template = stored.template
    release = template.release
    return ScheduleTemplate(
        id=encode_id("ScheduleTemplate", stored.id),
        weekday=template.weekday,
        opens=f"{template.opens:%H:%M}",
        closes=f"{template.closes:%H:%M}",
        slot_minutes=template.slot_minutes,
        channels=[_channel(one) for one in sorted(template.channels)],
        quotas=[ScheduleQuota(channel=_channel(one), most=most) for one, most in sorted(template.quotas.items())],
        release_days_before=release.days_before if release else None,
        release_at=f"{release.at:%H:%M}" if release else None,
        valid_from=template.valid_from,
        valid_to=template.valid_to,
    )


def _channel(channel: Channel) -> BookingChannel:
    return BookingChannel(channel.value)


def to_plan(plan: values.ReceptionPlan) -> PlannedReception:
    """Write what publishing would make of a reception."""
    one = plan.reception
    return PlannedReception(
        day=one.day,
        opens=f"{one.opens:%H:%M}",
        closes=f"{one.closes:%H:%M}",
        released_at=one.released_at,
        new_slots=[start for start, _ in plan.made],
        there=plan.there,
        overlapping=plan.overlapping,
    )


def to_proposal(view: proposal_values.ProposalView) -> CancellationProposal:
    """Write a proposal with its items."""
    one = view.proposal
    return CancellationProposal(
        id=encode_id("CancellationProposal", one.id),
        status=CancellationStatus(one.status.value),
        cause=CancellationCause(one.reason.value),
        starts_from=one.starts_from,
        starts_before=one.starts_before,
        appointments=one.appointments,
        holds=one.holds,
        free_slots=one.free_slots,
        created_at=one.created_at,
        confirmed_at=one.confirmed_at,
        done_at=one.done_at,
        items=[_item(listed) for listed in view.items],
    )


def _item(listed: proposal_values.ListedItem) -> CancellationItem:
    item = listed.item
    return CancellationItem(
        appointment_id=encode_id("Appointment", item.appointment_id),
        person_id=encode_id("Person", item.person_id),
        person_name=" ".join(filter(None, (listed.family_name, listed.given_name, listed.patronymic))),
        starts_at=item.starts_at,
        has_contact=item.has_contact,
        replacement_slot_id=encode_id("Slot", item.replacement_slot_id) if item.replacement_slot_id else None,
        state=CancellationItemState(item.state.value),
        call_reason=CallReason(item.call_reason.value) if item.call_reason else None,
    )


def to_rule(standing: no_shows.NoShowStanding) -> NoShowRule:
    """Write how a person stands with the rule."""
    return NoShowRule(
        count=standing.count,
        limit=standing.limit,
        blocked_until=standing.blocked_until,
        appointments=[
            MissedVisit(
                appointment_id=encode_id("Appointment", one.appointment_id),
                starts_at=one.starts_at,
                appeal=NoShowAppealState(one.appeal.value) if one.appeal else None,
            )
            for one in standing.missed
        ],
    )


def to_appeal(appeal: Appeal) -> NoShowAppeal:
    """Write an appeal."""
    return NoShowAppeal(
        appointment_id=encode_id("Appointment", appeal.appointment_id),
        text=appeal.words,
        created_at=appeal.created_at,
        starts_at=appeal.starts_at,
        clinic=appeal.clinic,
        doctor=appeal.doctor,
    )
