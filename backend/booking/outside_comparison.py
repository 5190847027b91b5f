"""What an outside registry tells of a post's free times, beside what we keep of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.ports import OutsideSlot

_LAST_MINUTE = time(23, 59, 59)
_LONGEST_MINUTES = 480


@dataclass(frozen=True, slots=True)
class KeptSlot:
    """What we keep of an outside slot; `channels` is 0 when it is withdrawn."""

    id: UUID
    external_id: str | None
    starts_at: datetime
    ends_at: datetime
    room: str | None
    channels: int


@dataclass(frozen=True, slots=True)
class Reception:
    """A day's first and last minute at a post, by the clinic's clock."""

    opens: time
    closes: time
    slot_minutes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is to be done about each slot.

    Attributes:
        unchanged: Told as it is kept.
        changed: Told under the same name and start, with another end or room, or given out again.
        renamed: Of those gone, the ones whose start is told under another name.
        new: Told and not kept, one for each start.
        gone: Kept and not told, those renamed too.
        named_anew: Of those gone, the ones whose name is told for another start.
    """

    unchanged: list[UUID]
    changed: list[tuple[UUID, OutsideSlot]]
    renamed: list[tuple[UUID, OutsideSlot]]
    new: list[OutsideSlot]
    gone: list[UUID]
    named_anew: list[UUID]


def compare(kept: Sequence[KeptSlot], told: Sequence[OutsideSlot], *, channels: int) -> Comparison:
    """Compare; a slot is the same when name and start are. Of two told for one start the first by name counts.

    Args:
        kept: Each start once.
        told: In any order.
        channels: Through what told slots are given out.
    """
    by_start = {one.starts_at: one for one in sorted(told, key=lambda one: one.external_id, reverse=True)}
    names = {one.external_id for one in by_start.values()}
    compared = Comparison([], [], [], [], [], [])
    for one in kept:
        same_start = by_start.get(one.starts_at)
        if same_start is not None and same_start.external_id == one.external_id:
            del by_start[one.starts_at]
            if (one.ends_at, one.room, one.channels) == (same_start.ends_at, same_start.room, channels):
                compared.unchanged.append(one.id)
            else:
                compared.changed.append((one.id, same_start))
            continue
        compared.gone.append(one.id)
        if one.external_id in names:
            compared.named_anew.append(one.id)
        if same_start is not None:
            compared.renamed.append((one.id, same_start))
            del by_start[one.starts_at]
    compared.new.extend(sorted(by_start.values(), key=lambda one: one.starts_at))
    return compared


def receptions(slots: Sequence[OutsideSlot], zone: ZoneInfo) -> dict[date, Reception]:
    """Return from when to when each day reaches, by the clinic's clock; up to midnight is a second less."""
    found: dict[date, Reception] = {}
    for one in sorted(slots, key=lambda one: one.starts_at):
        starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        closes = ends.time() if ends.date() == starts.date() and ends.time() > starts.time() else _LAST_MINUTE
        before = found.get(starts.date())
        minutes = max(1, min((one.ends_at - one.starts_at) // timedelta(minutes=1), _LONGEST_MINUTES))
        found[starts.date()] = Reception(
            opens=min(before.opens, starts.time()) if before else starts.time(),
            closes=max(before.closes, closes) if before else closes,
            slot_minutes=before.slot_minutes if before else minutes,
        )
    return found
