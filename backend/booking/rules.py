"""The decisions of booking, pure: the time is a parameter. Source of all: domain reference, §3 "Booking"."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from backend.booking.errors import (
    AlreadyCancelled,
    AppointmentNotFound,
    AppointmentUnsettled,
    CancelTooLate,
    ChannelNotAllowed,
    CheckInClosed,
    DuplicateSpecialty,
    HoldExpired,
    HoldNotExtendable,
    HoldNotFound,
    SlotInPast,
    SlotNotReleased,
    SlotTooFar,
    SlotWithdrawn,
    TimeOverlap,
    TooManyIds,
)
from backend.booking.states import ACTIVE_STATUSES, BOOKED_STATUSES, UNSETTLED_STATUSES, AppointmentStatus
from backend.booking.terms import HOLD_LASTS, BookingTerms
from backend.booking.values import Channel, Claim, Slot, SlotCriteria, SlotTime
from identity.capacities import Category
from identity.principal import ActorKind

MOST_IDS = 100
"""How many ids of one kind a search may name. Source: security requirement S2."""

CHANNELS_OF: Mapping[ActorKind, frozenset[Channel]] = MappingProxyType(
    {
        ActorKind.CITIZEN: frozenset({Channel.APP, Channel.EPGU}),
        ActorKind.OPERATOR: frozenset({Channel.CALL_122}),
        ActorKind.KIOSK: frozenset({Channel.INFOMAT}),
        ActorKind.SERVICE: frozenset({Channel.EPGU}),
    }
)
"""Through which channels an actor of a kind may book; a kind that is not named books through none."""

CATEGORY_OF_SPECIALTY: Mapping[str, Category] = MappingProxyType(
    {
        "narcologist": Category.NARCOLOGY,
        "psychiatrist": Category.PSYCHIATRY,
        "psychotherapist": Category.PSYCHIATRY,
        "dermatovenereologist": Category.STI,
        "infectiologist": Category.HIV,
        "gynaecologist": Category.REPRODUCTIVE,
        "urologist": Category.REPRODUCTIVE,
    }
)
"""By the code of a specialty: what a visit there would tell. Source: domain reference, §8 (323-ФЗ art. 13, 20, 22)."""

_NEVER_BOOKED = frozenset({AppointmentStatus.HELD, AppointmentStatus.RELEASED, AppointmentStatus.REFUSED})


def check_criteria(criteria: SlotCriteria) -> None:
    """Refuse a search by more ids than a page has rows.

    Raises:
        TooManyIds: More than `MOST_IDS` of one kind.
    """
    if max(len(criteria.specialty_ids), len(criteria.clinic_ids), len(criteria.doctor_ids)) > MOST_IDS:
        raise TooManyIds


def is_withheld(specialty_code: str, withheld: frozenset[Category]) -> bool:
    """Tell whether an appointment of a specialty must not be shown to an actor from whom categories are withheld."""
    return CATEGORY_OF_SPECIALTY.get(specialty_code) in withheld


def check_channel_of_actor(kind: ActorKind, channel: Channel) -> None:
    """Refuse a channel that an actor of this kind does not stand behind.

    Raises:
        ChannelNotAllowed: A citizen who says to be the registry, for one.
    """
    if channel not in CHANNELS_OF.get(kind, frozenset()):
        raise ChannelNotAllowed


def check_slot_bookable(slot: SlotTime, *, channel: Channel, now: datetime, until: datetime) -> None:
    """Refuse a slot that this channel cannot give out now, whoever asks.

    Args:
        slot: The slot.
        channel: Through which door.
        now: The present.
        until: The channel's horizon, inclusive.

    Raises:
        SlotInPast: It has begun.
        SlotWithdrawn: The clinic gives it out no more, through any channel.
        ChannelNotAllowed: It is kept for other channels.
        SlotNotReleased: It is given out later.
        SlotTooFar: It lies beyond the horizon.
    """
    if slot.starts_at <= now:
        raise SlotInPast
    if not slot.channels:
        raise SlotWithdrawn
    if slot.released_at is not None and slot.released_at > now:
        raise SlotNotReleased
    if not slot.channels & channel.bit:
        raise ChannelNotAllowed
    if slot.starts_at > until:
        raise SlotTooFar


def check_person_free(wanted: SlotTime | Claim, claims: Iterable[Claim], *, now: datetime) -> None:
    """Refuse a slot that the person cannot take beside what they have.

    Args:
        wanted: The slot, or the hold that is to be confirmed.
        claims: The person's own claims in any state, without the one that is being confirmed.
        now: The present; a hold that ended does not count.

    Raises:
        TimeOverlap: Another hold or appointment at the same time, in whatever clinic or channel.
        DuplicateSpecialty: An appointment of the same specialty that is not over.

    Source: §3, "One active booking per (person, specialty); no overlaps in time across clinics and channels".
    """
    others = list(claims)
    if overlaps(wanted, others, now=now):
        raise TimeOverlap
    if any(claim.specialty_id == wanted.specialty_id and _is_ahead(claim, now) for claim in others):
        raise DuplicateSpecialty


def own_hold(slot: SlotTime, claims: Iterable[Claim], *, now: datetime) -> Claim | None:
    """Return the person's own hold that keeps this very slot at `now`, or None.

    An app that lost the answer, or was started anew, asks again under another key; the person gets the hold they
    have, with the end it had.

    Args:
        slot: The slot that is asked for.
        claims: The person's own claims in any state.
        now: The present; a hold that ended does not count.
    """
    held = (one for one in claims if one.slot_id == slot.id and one.status is AppointmentStatus.HELD)
    return next((one for one in held if is_active(one, now)), None)


def overlaps(wanted: SlotTime | Claim | Slot, claims: Iterable[Claim], *, now: datetime) -> bool:
    """Return whether an active claim covers a moment of `wanted`; ends are exclusive, so neighbours do not."""
    return any(
        is_active(claim, now) and claim.starts_at < wanted.ends_at and wanted.starts_at < claim.ends_at
        for claim in claims
    )


def is_active(claim: Claim, now: datetime) -> bool:
    """Return whether the claim keeps its slot at `now`: a hold ends by the clock itself."""
    if claim.status is AppointmentStatus.HELD:
        return claim.hold_expires_at is not None and now < claim.hold_expires_at
    return claim.status in ACTIVE_STATUSES


def _is_ahead(claim: Claim, now: datetime) -> bool:
    return claim.status in BOOKED_STATUSES and claim.ends_at > now


def hold_expires_at(slot: SlotTime, now: datetime) -> datetime:
    """Return when a hold taken now ends: after `HOLD_LASTS`, and never after the slot has begun."""
    return min(now + HOLD_LASTS, slot.starts_at)


def extended_until(claim: Claim, *, by: timedelta) -> datetime:
    """Return when a hold that is extended ends, and never after the slot has begun.

    Raises:
        HoldNotExtendable: It was extended before.
    """
    if claim.extended_at is not None or claim.hold_expires_at is None:
        raise HoldNotExtendable
    return min(claim.hold_expires_at + by, claim.starts_at)


def check_hold_usable(claim: Claim | None, *, now: datetime) -> Claim:
    """Return the hold when it can be turned into an appointment.

    Args:
        claim: What the person named, or None.
        now: The present.

    Raises:
        HoldNotFound: There is none, or it is used up.
        HoldExpired: It ended.
    """
    if claim is None or claim.status not in {AppointmentStatus.HELD, AppointmentStatus.RELEASED}:
        raise HoldNotFound
    if not is_active(claim, now):
        raise HoldExpired
    return claim


def check_changeable(claim: Claim | None, *, now: datetime, cut_off: timedelta = timedelta(0)) -> Claim:
    """Return the appointment when it can still be given up or moved.

    Args:
        claim: What the person named, or None.
        now: The present.
        cut_off: How long before its beginning it can be changed at the latest; zero for the clinic itself.

    Raises:
        AppointmentNotFound: There is none; a hold is none, nor what the clinic did not book.
        AlreadyCancelled: It was given up before.
        AppointmentUnsettled: The clinic is being asked.
        CancelTooLate: It has begun, is over, or begins too soon.
    """
    if claim is None or claim.status in _NEVER_BOOKED:
        raise AppointmentNotFound
    if claim.status is AppointmentStatus.CANCELLED:
        raise AlreadyCancelled
    if claim.status in UNSETTLED_STATUSES:
        raise AppointmentUnsettled
    if claim.status is not AppointmentStatus.CONFIRMED or claim.starts_at <= now + cut_off:
        raise CancelTooLate
    return claim


def check_in_window(claim: Claim, terms: BookingTerms) -> tuple[datetime, datetime]:
    """Return from when until when (inclusive) one can say that one is there."""
    return claim.starts_at - terms.check_in_before, claim.starts_at + terms.check_in_after


def check_can_check_in(claim: Claim | None, *, now: datetime, terms: BookingTerms) -> Claim:
    """Return the appointment to which the person has come; having checked in before does no harm.

    Raises:
        AppointmentNotFound: There is none that stands.
        AppointmentUnsettled: The clinic is being asked.
        CheckInClosed: Not now: too early or too late.
    """
    if claim is None or claim.status in {*_NEVER_BOOKED, AppointmentStatus.CANCELLED}:
        raise AppointmentNotFound
    if claim.status in UNSETTLED_STATUSES:
        raise AppointmentUnsettled
    opens, closes = check_in_window(claim, terms)
    if claim.status is not AppointmentStatus.CONFIRMED or not opens <= now <= closes:
        raise CheckInClosed
    return claim
