"""Pages in an order that goes by clinic or by doctor: one after the other, each one's slots by time.

The nearest clinic usually fills a page by itself, so the first few are asked at once; where they do not, one statement
says which of the others have anything at all.
"""

import asyncio
from collections.abc import Sequence

from backend.slot_search.asking import Asking, Group
from backend.slot_search.errors import SearchPlaceLost
from backend.slot_search.parts import Part
from backend.slot_search.values import FoundSlot, Place

_AT_ONCE = 4
_SIFTED_AT_ONCE = 500


async def walk(
    asking: Asking, groups: Sequence[Group], parts: Sequence[Part], *, after: Place | None, limit: int
) -> list[FoundSlot]:
    """Return the first slots behind a place, group by group.

    Args:
        asking: The way to the slots.
        groups: In their order.
        parts: Of the search.
        after: Where the page before ended; it names its group.
        limit: At most so many.

    Raises:
        SearchPlaceLost: The group of `after` is none of these.
    """
    found: list[FoundSlot] = []
    ahead = list(groups)
    if after is not None:
        ahead = _from(groups, after)
        found = await asking.page_of_group(ahead.pop(0), parts, after=after, limit=limit)
    is_sifted = False
    while ahead and len(found) < limit:
        batch, ahead = ahead[:_AT_ONCE], ahead[_AT_ONCE:]
        missing = limit - len(found)
        for page in await asyncio.gather(
            *(asking.page_of_group(group, parts, after=None, limit=missing) for group in batch)
        ):
            found += page
        if not is_sifted and len(found) < limit:
            ahead, is_sifted = await _with_slots(asking, ahead, parts), True
    return found[:limit]


def _from(groups: Sequence[Group], after: Place) -> list[Group]:
    for place, group in enumerate(groups):
        if group.id == after.group_id:
            return list(groups[place:])
    raise SearchPlaceLost


async def _with_slots(asking: Asking, groups: Sequence[Group], parts: Sequence[Part]) -> list[Group]:
    kept: list[Group] = []
    for start in range(0, len(groups), _SIFTED_AT_ONCE):
        some = groups[start : start + _SIFTED_AT_ONCE]
        firsts = await asking.firsts(some, parts)
        having = {slot.doctor_id if some[0].of_doctor else slot.clinic_id for slot in firsts}
        kept += [group for group in some if group.id in having]
    return kept
