"""Looks for an order of overlapping operations on one slot that explains every answer (Wing and Gong, Lowe)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a slot, from `began` to `ended` on one clock; `answer` is what the client was told.

    A `book` or a `cancel` answers whether it was done; a `look` answers whether the slot was free.
    """

    began: int
    ended: int
    kind: Literal["book", "cancel", "look"]
    client: Hashable
    answer: bool


def is_linearizable(history: Sequence[Operation]) -> bool:
    """Return whether some order, in which no operation comes before one that had ended when it began, explains all.

    Args:
        history: The operations on one slot, which was free at first, in any order.
    """
    operations = sorted(history, key=lambda one: one.began)
    everything = (1 << len(operations)) - 1
    reached: set[tuple[int, Hashable | None]] = {(0, None)}
    open_ends: list[tuple[int, Hashable | None]] = [(0, None)]
    while open_ends:
        done, owner = open_ends.pop()
        if done == everything:
            return True
        left = [number for number in range(len(operations)) if not done >> number & 1]
        first_end = min(operations[number].ended for number in left)
        for number in left:
            if operations[number].began > first_end:
                break
            explained, next_owner = _apply(operations[number], owner)
            following = (done | 1 << number, next_owner)
            if explained and following not in reached:
                reached.add(following)
                open_ends.append(following)
    return False


def _apply(operation: Operation, owner: Hashable | None) -> tuple[bool, Hashable | None]:
    """Return whether the answer fits a slot of `owner`, and whose the slot is afterwards."""
    if operation.kind == "look":
        return operation.answer == (owner is None), owner
    if operation.kind == "book":
        return operation.answer == (owner is None), operation.client if owner is None else owner
    return operation.answer == (owner == operation.client), None if owner == operation.client else owner
