"""The decisions of the waiting list, pure: the time is a parameter."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.booking.states import AppointmentStatus
from backend.waiting_list.errors import WishInvalid
from backend.waiting_list.terms import WaitingTerms
from backend.waiting_list.values import (
    DAY_MINUTES,
    EVERY_DAY,
    EntryState,
    FreeSlot,
    Offer,
    OfferOutcome,
    OpenOffer,
    Waiting,
    Window,
    Wish,
)

_DAY = timedelta(days=1)
_WEEKDAYS = range(1, 8)


def window_of(wish: Wish, time_zones: Collection[str], *, now: datetime, terms: WaitingTerms) -> Window:
    """Return when the slot may begin that somebody wishes for.

    Args:
        wish: As they say it.
        time_zones: Of the clinics they name, IANA; at least one.
        now: The present, aware.
        terms: How long a wish may be.

    Raises:
        WishInvalid: The days are over, the wrong way round or too far ahead; the hours are the wrong way round or not
            of whole minutes; or a weekday is none.
    """
    zones = [ZoneInfo(one) for one in time_zones]
    today = min(now.astimezone(zone).date() for zone in zones)
    first = wish.first_day or today
    last = wish.last_day or first + terms.days * _DAY
    if not today <= first <= last <= today + terms.most_days * _DAY:
        raise WishInvalid
    opens = _minute(wish.hours_from) if wish.hours_from else 0
    closes = _minute(wish.hours_until) if wish.hours_until else DAY_MINUTES
    if opens >= closes or not set(wish.weekdays) <= set(_WEEKDAYS):
        raise WishInvalid
    return Window(
        first_day=first,
        last_day=last,
        minute_from=opens,
        minute_until=closes,
        weekdays=weekday_mask(wish.weekdays) or EVERY_DAY,
        begins_at=min(_midnight(first, zone) for zone in zones),
        ends_at=max(_midnight(last + _DAY, zone) for zone in zones),
    )


def weekday_mask(weekdays: Iterable[int]) -> int:
    """Return the mask that is stored for ISO weekdays, Monday is 1."""
    return sum({1 << (one - 1) for one in weekdays})


def weekdays_of(mask: int) -> list[int]:
    """Return the ISO weekdays of a mask, in order."""
    return [one for one in _WEEKDAYS if mask & weekday_mask([one])]


def fits(slot: FreeSlot, waiting: Waiting) -> bool:
    """Tell whether a slot is one that somebody waits for; all times are by the clock of the slot's clinic.

    A slot begins inside the window: at its first minute, or later, and before its end.
    """
    if (slot.specialty_id, slot.clinic_id) != (waiting.specialty_id, waiting.clinic_id):
        return False
    if waiting.doctor_id not in {None, slot.doctor_id}:
        return False
    window, local = waiting.window, slot.starts_at.astimezone(ZoneInfo(slot.time_zone))
    return (
        window.first_day <= local.date() <= window.last_day
        and window.minute_from <= local.hour * 60 + local.minute < window.minute_until
        and bool(window.weekdays & weekday_mask([local.isoweekday()]))
    )


def in_turn(slot: FreeSlot, waiting: Iterable[Waiting], had: Collection[tuple[object, object]]) -> list[Waiting]:
    """Return those for whom a slot is, the one who joined first first.

    Args:
        slot: What has become free.
        waiting: Those who wait now, in any order.
        had: Entry and slot of every offer that was made and not taken: nobody is offered the same slot twice.
    """
    return sorted(
        (one for one in waiting if fits(slot, one) and (one.id, slot.id) not in had), key=lambda one: one.place
    )


def offer_until(slot: FreeSlot, *, now: datetime, terms: WaitingTerms) -> datetime | None:
    """Return when an offer that is made now ends; None when nobody could answer it in time.

    By day it stands for `lasts`, and for no more than a part of the time that is left until the visit. What is offered
    at night can be answered in the morning, when that leaves time to come.

    Args:
        slot: What is offered.
        now: The present, aware.
        terms: The figures.
    """
    end = now + min(terms.lasts, (slot.starts_at - now) * terms.part)
    if (wakes := _wakes_at(now, ZoneInfo(slot.time_zone), terms)) is not None:
        answered = wakes + terms.lasts
        end = answered if answered <= slot.starts_at - terms.notice else end
    return end if end >= now + terms.least else None


def outcome_of(offer: OpenOffer | Offer, *, now: datetime) -> OfferOutcome:
    """Tell what has become of an offer, by the hold it stands by.

    A hold that was let go before its end was declined in another way; whatever is beyond a hold was booked once.
    """
    if offer.hold_status is AppointmentStatus.HELD:
        is_live = offer.hold_expires_at is not None and now < offer.hold_expires_at
        return OfferOutcome.OPEN if is_live else OfferOutcome.EXPIRED
    if offer.hold_status is AppointmentStatus.RELEASED:
        return OfferOutcome.EXPIRED if now >= offer.expires_at else OfferOutcome.DECLINED
    return OfferOutcome.ACCEPTED


def state_after(outcome: OfferOutcome, *, unanswered: int, terms: WaitingTerms) -> tuple[EntryState, int]:
    """Return the state of an entry whose offer is settled, and how many offers in a row it has not answered.

    Whatever it is but BOOKED, the place stays. Who does not answer again and again is asked no more until they say so:
    else every slot would be lost to others for as long as an offer stands.
    """
    if outcome is OfferOutcome.ACCEPTED:
        return EntryState.BOOKED, 0
    if outcome is OfferOutcome.DECLINED:
        return EntryState.WAITING, 0
    unanswered += 1
    return EntryState.PAUSED if unanswered >= terms.unanswered else EntryState.WAITING, unanswered


def _minute(moment: time) -> int:
    if moment.second or moment.microsecond or moment.tzinfo is not None:
        raise WishInvalid
    return moment.hour * 60 + moment.minute


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _wakes_at(now: datetime, zone: ZoneInfo, terms: WaitingTerms) -> datetime | None:
    """Return when people wake up, by the clock of `zone`; None when they are awake."""
    local = now.astimezone(zone)
    if terms.day_from <= local.time() < terms.day_until:
        return None
    day = local.date() if local.time() < terms.day_from else local.date() + _DAY
    return datetime.combine(day, terms.day_from, zone).astimezone(UTC)
