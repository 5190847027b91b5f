"""Places in the waiting list turned into what clients see."""

from backend.booking.values import SlotHold
from backend.waiting_list.rules import weekdays_of
from backend.waiting_list.values import DAY_MINUTES, Entry
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.presentation import to_clinic, to_doctor, to_specialty
from graphql_schema.booking.profile_types import Weekday
from graphql_schema.booking.types import BookingChannel
from graphql_schema.context import Context
from graphql_schema.node import encode_id
from graphql_schema.waiting_list.types import WaitingListEntry, WaitingListEntryState, WaitingListOffer


def to_entry(entry: Entry, context: Context) -> WaitingListEntry:
    """Write an entry in the reader's language."""
    facts, window = entry.facts, entry.facts.window
    return WaitingListEntry(
        id=encode_id("WaitingListEntry", facts.id),
        state=WaitingListEntryState(entry.state.value),
        ahead=entry.ahead,
        offer=_offer(entry, context),
        specialty=to_specialty(facts.specialty, context.language),
        clinics=[to_clinic(one) for one in entry.clinics],
        doctor=to_doctor(facts.doctor) if facts.doctor else None,
        first_day=window.first_day,
        last_day=window.last_day,
        hours_from=_clock(window.minute_from) if window.minute_from else None,
        hours_until=_clock(window.minute_until) if window.minute_until < DAY_MINUTES else None,
        weekdays=[Weekday(one - 1) for one in weekdays_of(window.weekdays)],
        channel=BookingChannel(facts.channel.value),
        referral_id=encode_id("Referral", facts.referral_id) if facts.referral_id else None,
        joined_at=facts.joined_at,
        ended_at=facts.ended_at,
    )


def _offer(entry: Entry, context: Context) -> WaitingListOffer | None:
    if (offer := entry.offer) is None:
        return None
    hold = AppointmentWriter(context).hold(SlotHold(offer.id, offer.slot, offer.expires_at))
    return WaitingListOffer(hold=hold, offered_at=offer.offered_at)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
