"""Queues for releases, and places in them, turned into what clients see."""

from backend.release_queue.terms import QueueTerms
from backend.release_queue.values import Place, Release
from graphql_schema.booking.presentation import SlotWriter, to_clinic, to_doctor, to_specialty
from graphql_schema.booking.types import BookingChannel
from graphql_schema.catalogue import Language
from graphql_schema.context import Context
from graphql_schema.node import encode_id
from graphql_schema.release_queue.types import ReleaseQueue, ReleaseQueuePlace, ReleaseQueuePlaceState


def to_queue(release: Release, terms: QueueTerms, language: Language) -> ReleaseQueue:
    """Write what a doctor gives out by queue, in the reader's language."""
    return ReleaseQueue(
        post_id=encode_id("Post", release.post_id),
        released_at=release.released_at,
        opens_at=release.released_at - terms.opens_before,
        ends_at=release.released_at + terms.lasts,
        is_over=release.ended_at is not None,
        doctor=to_doctor(release.doctor),
        clinic=to_clinic(release.clinic),
        specialty=to_specialty(release.specialty, language),
        slots=release.slots,
        free_slots=release.free,
        participants=release.participants,
    )


def to_place(place: Place, context: Context) -> ReleaseQueuePlace:
    """Write a place in the reader's language."""
    facts, writer = place.facts, SlotWriter(context.language)
    return ReleaseQueuePlace(
        id=encode_id("ReleaseQueuePlace", facts.id),
        state=ReleaseQueuePlaceState(place.state.value),
        ahead=place.ahead,
        turn_until=place.turn_until,
        slots=[writer.slot(one) for one in place.slots],
        refresh_after_seconds=place.refresh_after_seconds,
        server_time=context.clock(),
        released_at=facts.queue.released_at,
        ends_at=facts.queue.ends_at,
        participants=facts.participants,
        free_slots=facts.free,
        doctor=to_doctor(facts.told.doctor),
        clinic=to_clinic(facts.told.clinic),
        specialty=to_specialty(facts.told.specialty, context.language),
        channel=BookingChannel(facts.channel.value),
        referral_id=encode_id("Referral", facts.referral_id) if facts.referral_id else None,
        joined_at=facts.joined_at,
        ended_at=place.ended_at,
    )
