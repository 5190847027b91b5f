"""The decisions of queues for releases, pure: the time, and what chance has drawn, are parameters."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from backend.booking.states import COMPETING_PLACES, AppointmentStatus, PlaceState
from backend.booking.values import Channel
from backend.release_queue.errors import QueueNotOpen, QueueOver
from backend.release_queue.terms import QueueTerms
from backend.release_queue.values import Competitor, PlaceFacts, PlaceId, Plan, Queue, ReleasedSlot, Share

Shuffle = Callable[[list[PlaceId]], None]
"""Puts a list in random order, in place."""

_SOON = timedelta(seconds=1)
_SPREAD_SECONDS = 5
_SERVED_A_SECOND = 100
_TURN_SECONDS = 15
_LEAST_SECONDS = 3
_MOST_SECONDS = 60
_SECONDS_A_PLACE = 3


def check_can_join(released_at: datetime, ended_at: datetime | None, *, now: datetime, terms: QueueTerms) -> None:
    """Refuse to let anybody join before the queue opens or after it has ended.

    Raises:
        QueueNotOpen: It opens later.
        QueueOver: It has ended, or has stood as long as it may.
    """
    if now < released_at - terms.opens_before:
        raise QueueNotOpen
    if ended_at is not None or now >= released_at + terms.lasts:
        raise QueueOver


def is_draw_due(queue: Queue, *, now: datetime) -> bool:
    """Tell whether the order of those who joined before the release is to be drawn now."""
    return queue.drawn_at is None and queue.released_at <= now


def draw(joined: Iterable[PlaceId], shuffle: Shuffle) -> list[tuple[PlaceId, int]]:
    """Return everybody's place, from 1 on, in the order that chance gives.

    Args:
        joined: Who has joined before the release; the order does not matter, it is forgotten first.
        shuffle: Where chance comes from.
    """
    order = sorted(joined)
    shuffle(order)
    return [(one, place) for place, one in enumerate(order, start=1)]


def is_kept(slot: ReleasedSlot, *, now: datetime) -> bool:
    """Tell whether somebody keeps a slot; a hold ends by the clock itself."""
    if slot.claim is AppointmentStatus.HELD:
        return slot.claim_expires_at is not None and now < slot.claim_expires_at
    return slot.claim is not None


def free_through(
    channel: Channel, slots: Iterable[ReleasedSlot], shares: Iterable[Share], *, now: datetime, until: datetime
) -> int:
    """Return how many slots a channel can give out now.

    Args:
        channel: Through which door.
        slots: Those of the release.
        shares: What is left of the shares that limit channels.
        now: The present.
        until: The channel's horizon, inclusive.
    """
    free = Counter(
        one.time.schedule_id
        for one in slots
        if one.time.channels & channel.bit and now < one.time.starts_at <= until and not is_kept(one, now=now)
    )
    left = {one.schedule_id: one.left for one in shares if one.channel is channel}
    return sum(min(count, max(left.get(schedule, count), 0)) for schedule, count in free.items())


def plan(
    queue: Queue,
    competitors: Sequence[Competitor],
    slots: Collection[ReleasedSlot],
    shares: Collection[Share],
    horizons: Mapping[Channel, datetime],
    *,
    now: datetime,
    terms: QueueTerms,
) -> Plan:
    """Return what is to be written about a queue whose order is drawn.

    There are never more open turns than free slots, nor more through a channel than it can give out; they are given in
    order of place, and whoever's channel can give nothing out now is passed over and keeps the place.

    Args:
        queue: Which, drawn and not ended.
        competitors: Who has a turn or may get one, in any order; of each channel at least those who are next.
        slots: Those of the release.
        shares: What is left of the shares that limit channels.
        horizons: Up to which instant each channel books.
        now: The present.
        terms: How long a turn lasts.
    """
    missed = [one for one in competitors if one.state is PlaceState.TURN and not _has_turn(one, now)]
    left = [one for one in competitors if one.visit_id is not None and one not in missed]
    if now >= queue.ends_at:
        return Plan(tuple(missed), tuple(left), (), is_over=True)
    gone = {*missed, *left}
    standing = [one for one in competitors if one not in gone]
    free = {channel: free_through(channel, slots, shares, now=now, until=far) for channel, far in horizons.items()}
    until = min(now + terms.turn_lasts, queue.ends_at)
    turns = [(one, until) for one in _next(standing, free, _count_free(slots, now))]
    waiting = {one.channel for one in standing} | _unread(competitors)
    comes = {channel: horizons[channel] + (queue.ends_at - now) for channel in waiting}
    may_get = [free_through(channel, slots, shares, now=now, until=far) for channel, far in comes.items()]
    is_over = not (any(may_get) or (waiting and _is_any_held(slots, now)))
    return Plan(tuple(missed), tuple(left), tuple(turns), is_over)


def state_now(facts: PlaceFacts, *, now: datetime) -> tuple[PlaceState, datetime | None]:
    """Return where somebody stands by the clock, and when their place ended; whoever has yet to write it."""
    queue, until = facts.queue, facts.turn_until
    if facts.state not in COMPETING_PLACES:
        return facts.state, facts.ended_at
    if facts.state is PlaceState.TURN and until is not None and until <= min(now, queue.ended_at or now):
        return PlaceState.MISSED, until
    if queue.ended_at is not None or queue.ends_at <= now:
        return PlaceState.OVER, queue.ended_at or queue.ends_at
    return facts.state, None


def refresh_after_seconds(facts: PlaceFacts, state: PlaceState, *, now: datetime) -> int | None:
    """Return when to look again, so that a thousand phones do not ask in step; None where nothing changes any more.

    Before the release nothing happens: one look a minute at most, and the last one is spread over the seconds after it,
    the more who ask the longer, a minute at most. After it, the nearer the turn, the sooner. The spread is the place's
    own, the same at each look.
    """
    own = facts.id.int % 1000 / 1000
    if state is PlaceState.TURN:
        return _TURN_SECONDS
    if state is not PlaceState.QUEUED:
        return None
    if (left := facts.queue.released_at - now) > timedelta(0):
        soonest = (left + _SOON).total_seconds()
        spread = min(max(_SPREAD_SECONDS, facts.participants / _SERVED_A_SECOND), _MOST_SECONDS)
        return round(soonest + own * spread if soonest <= _MOST_SECONDS else _MOST_SECONDS * (0.75 + own / 4))
    wait = min(max(facts.ahead * _SECONDS_A_PLACE, _LEAST_SECONDS), _MOST_SECONDS)
    return round(wait * (1 + own / 2))


def _has_turn(one: Competitor, now: datetime) -> bool:
    return one.state is PlaceState.TURN and one.turn_until is not None and now < one.turn_until


def _count_free(slots: Iterable[ReleasedSlot], now: datetime) -> int:
    return sum(bool(one.time.channels) and now < one.time.starts_at and not is_kept(one, now=now) for one in slots)


def _next(standing: Iterable[Competitor], free: Mapping[Channel, int], free_of_all: int) -> list[Competitor]:
    """Return who gets a turn, in order of place."""
    open_turns = Counter(one.channel for one in standing if one.state is PlaceState.TURN)
    queued = [one for one in standing if one.state is PlaceState.QUEUED and one.place is not None]
    chosen: list[Competitor] = []
    for one in sorted(queued, key=lambda one: one.place or 0):
        if open_turns.total() >= free_of_all:
            break
        if open_turns[one.channel] < free.get(one.channel, 0):
            open_turns[one.channel] += 1
            chosen.append(one)
    return chosen


def _unread(competitors: Iterable[Competitor]) -> set[Channel]:
    """Return the channels through which more compete than were read."""
    read = Counter(one.channel for one in competitors)
    return {one.channel for one in competitors if one.of_channel > read[one.channel]}


def _is_any_held(slots: Iterable[ReleasedSlot], now: datetime) -> bool:
    """Tell whether a hold of one may end, which is then free."""
    return any(
        one.claim is AppointmentStatus.HELD and is_kept(one, now=now) and now < one.time.starts_at for one in slots
    )
