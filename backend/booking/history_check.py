"""Is there an order of overlapping operations on slots that explains every answer? Pure.

The search is that of Wing and Gong with the memory of Lowe. An operation that never answered may have happened at any
time after it began, or never. Linearizability is local (Herlihy and Wing, 1990, theorem 1), so that each slot is looked
at by itself; slots between which somebody moved are looked at together, for a move is one step on both.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What can be done to a slot. EXPIRE is the end of a hold by time, or its release."""

    HOLD = "hold"
    BOOK = "book"
    CANCEL = "cancel"
    MOVE = "move"
    EXPIRE = "expire"
    LOOK = "look"


class Told(StrEnum):
    """What the client was told: that it was done (LOOK: that the slot is free), that it was not, or nothing."""

    YES = "yes"
    NO = "no"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as its client saw it.

    Attributes:
        kind: What was asked. NO means that somebody else's claim, or none of one's own, was in the way; what was
            refused for another reason is not recorded.
        slot_id: On which slot; of a MOVE the new one.
        client: Who asked; of an EXPIRE whose hold.
        began: When it was sent, on one clock for all.
        ended: When the answer came; None where none did.
        told: The answer; NOTHING where none came.
        from_slot_id: Of a MOVE, the slot that was left.
    """

    kind: Kind
    slot_id: Hashable
    client: Hashable
    began: int
    ended: int | None
    told: Told
    from_slot_id: Hashable = None

    def __post_init__(self) -> None:
        """Refuse what cannot have been recorded."""
        if (self.ended is None) != (self.told is Told.NOTHING) or (self.ended is not None and self.ended < self.began):
            raise ValueError("an operation ends when its answer comes, after it began")
        if (self.kind is Kind.MOVE) != (self.from_slot_id is not None):
            raise ValueError("a move, and nothing else, leaves a slot")

    @property
    def slot_ids(self) -> tuple[Hashable, ...]:
        """Return the slots it touches."""
        return (self.slot_id,) if self.from_slot_id is None else (self.slot_id, self.from_slot_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose a slot is, and whether it is booked or merely held."""

    client: Hashable
    booked: bool


Slots = Mapping[Hashable, Taken]
"""Those that are taken."""

_FREE: Slots = MappingProxyType({})


def unexplained(history: Iterable[Operation]) -> list[frozenset[Hashable]]:
    """Return the groups of slots whose operations no order explains; empty when the history is accepted.

    Args:
        history: All operations since every slot was free, in any order.
    """
    return [slots for slots, operations in _groups(history) if not _is_explained(operations)]


def is_explained(history: Iterable[Operation]) -> bool:
    """Return whether some order, in which no operation comes before one that had ended when it began, explains all."""
    return not unexplained(history)


def _groups(history: Iterable[Operation]) -> Iterator[tuple[frozenset[Hashable], list[Operation]]]:
    """Yield the slots that belong together, and their operations."""
    operations = list(history)
    group_of: dict[Hashable, set[Hashable]] = {}
    for operation in operations:
        joined = set().union(*(group_of.get(slot, {slot}) for slot in operation.slot_ids))
        group_of.update(dict.fromkeys(joined, joined))
    together: dict[int, list[Operation]] = defaultdict(list)
    for operation in operations:
        together[id(group_of[operation.slot_id])].append(operation)
    for found in together.values():
        yield frozenset(group_of[found[0].slot_id]), found


def _is_explained(history: Sequence[Operation]) -> bool:
    operations = sorted(history, key=lambda one: one.began)
    answered = sum(1 << number for number, one in enumerate(operations) if one.ended is not None)
    open_ends: list[tuple[int, Slots]] = [(0, _FREE)]
    reached = {(0, _key(_FREE))}
    while open_ends:
        done, slots = open_ends.pop()
        possible = _possible(operations, done)
        done |= sum(1 << number for number in possible if _changes_nothing(operations[number], slots))
        if done & answered == answered:
            return True
        for number in _possible(operations, done):
            after = _apply(operations[number], slots)
            following = done | 1 << number
            if after is not None and (following, _key(after)) not in reached:
                reached.add((following, _key(after)))
                open_ends.append((following, after))
    return False


def _possible(operations: Sequence[Operation], done: int) -> list[int]:
    """Return what may come next: what began before anything that is left had ended."""
    possible: list[int] = []
    first_end: int | None = None
    for number in range((~done & (done + 1)).bit_length() - 1, len(operations)):
        one = operations[number]
        if done >> number & 1:
            continue
        if first_end is not None and one.began > first_end:
            break
        possible.append(number)
        if one.ended is not None and (first_end is None or one.ended < first_end):
            first_end = one.ended
    return [number for number in possible if first_end is None or operations[number].began <= first_end]


def _changes_nothing(operation: Operation, slots: Slots) -> bool:
    """Return whether the answer fits as it stands, without a trace: then it may come at once, in any explanation."""
    if operation.told is Told.NOTHING:
        return False
    return _apply(operation, slots) is slots


def _apply(operation: Operation, slots: Slots) -> Slots | None:
    """Return what is taken afterwards: `slots` itself where nothing changes, None where the answer does not fit.

    What never answered is applied as done: that it never happened is explained by leaving it out.
    """
    after = _done(operation, slots)
    if operation.told is Told.NO:
        return slots if after is None else None
    if operation.told is Told.NOTHING and after is slots:
        return None
    return after


def _done(operation: Operation, slots: Slots) -> Slots | None:
    """Return what is taken once it is done, None where it cannot be done."""
    client, slot_id, taken = operation.client, operation.slot_id, slots.get(operation.slot_id)
    held, booked = Taken(client, booked=False), Taken(client, booked=True)
    after: Slots | None = None
    match operation.kind:
        case Kind.LOOK if taken is None:
            after = slots
        case Kind.HOLD if taken == held:
            after = slots  # who holds a slot gets the same hold again
        case Kind.HOLD if taken is None:
            after = {**slots, slot_id: held}
        case Kind.BOOK if taken == held:
            after = {**slots, slot_id: booked}
        case Kind.CANCEL if taken == booked:
            after = _without(slots, slot_id)
        case Kind.EXPIRE if taken == held:
            after = _without(slots, slot_id)
        case Kind.MOVE if taken in {None, held} and slots.get(operation.from_slot_id) == booked:
            after = {**_without(slots, operation.from_slot_id), slot_id: booked}
    return after


def _without(slots: Slots, slot_id: Hashable) -> Slots:
    return {one: taken for one, taken in slots.items() if one != slot_id}


def _key(slots: Slots) -> frozenset[tuple[Hashable, Taken]]:
    return frozenset(slots.items())
