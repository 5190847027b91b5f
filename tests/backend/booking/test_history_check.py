"""The checker against an exhaustive one of its own, and against histories that are known to be right or wrong."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import chain, combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.booking.history_check import Kind, Operation, Told, is_explained, unexplained

YES, NO, NOTHING = Told.YES, Told.NO, Told.NOTHING
CLIENTS, SLOTS = ("anna", "boris"), ("a", "b")


def did(
    kind: Kind, client: Hashable, began: int, ended: int | None, told: Told = YES, *, slot: str = "a", left: str = ""
) -> Operation:
    return Operation(kind, slot, client, began, ended, told, left or None)


class Model:
    """Slots as one would write them down: by slot, who has it and how."""

    def __init__(self) -> None:
        self.taken: dict[Hashable, tuple[Hashable, str]] = {}

    def ask(self, one: Operation) -> bool:
        """Do it where it can be done; return whether it was."""
        now, held, mine = self.taken.get(one.slot_id), (one.client, "held"), (one.client, "booked")
        possible = {
            Kind.LOOK: now is None,
            Kind.HOLD: now in {None, held},
            Kind.BOOK: now == held,
            Kind.CANCEL: now == mine,
            Kind.EXPIRE: now == held,
            Kind.MOVE: now in {None, held} and self.taken.get(one.from_slot_id) == mine,
        }[one.kind]
        if possible and one.kind in {Kind.CANCEL, Kind.EXPIRE}:
            del self.taken[one.slot_id]
        elif possible and one.kind is not Kind.LOOK:
            self.taken.pop(one.from_slot_id, None)
            self.taken[one.slot_id] = held if one.kind is Kind.HOLD else mine
        return possible


def explained_by_trying_everything(history: Sequence[Operation]) -> bool:
    answered = [one for one in history if one.told is not NOTHING]
    silent = [one for one in history if one.told is NOTHING]
    subsets = chain.from_iterable(combinations(silent, size) for size in range(len(silent) + 1))
    return any(_fits(order) for happened in subsets for order in permutations([*answered, *happened]))


def _fits(order: Sequence[Operation]) -> bool:
    for place, one in enumerate(order):
        if any(later.ended is not None and later.ended < one.began for later in order[place + 1 :]):
            return False
    model = Model()
    return all(model.ask(one) == (one.told is not NO) for one in order)


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    kind = draw(st.sampled_from(Kind))
    slot, left = draw(st.permutations(SLOTS)) if kind is Kind.MOVE else (draw(st.sampled_from(SLOTS)), "")
    began, told = draw(st.integers(0, 12)), draw(st.sampled_from(Told))
    ended = None if told is NOTHING else began + draw(st.integers(0, 8))
    return did(kind, draw(st.sampled_from(CLIENTS)), began, ended, told, slot=slot, left=left)


@settings(max_examples=150)
@given(st.lists(operations(), max_size=5))
def test_it_says_what_trying_every_order_says(history: list[Operation]) -> None:
    assert is_explained(history) == explained_by_trying_everything(history)


@st.composite
def real_histories(draw: st.DrawFn) -> list[Operation]:
    """Ask a model one thing after another, then let each have begun earlier, ended later or never answered."""
    model, history = Model(), []
    for tick, asked in enumerate(draw(st.lists(operations(), max_size=60))):
        at = 10 * tick
        told = YES if model.ask(asked) else NO
        began, ended = at - draw(st.integers(0, 40)), at + draw(st.integers(0, 40))
        one = replace(asked, began=began, ended=ended, told=told)
        history.append(replace(one, ended=None, told=NOTHING) if draw(st.integers(0, 9)) == 0 else one)
    return draw(st.permutations(history))


@given(real_histories())
def test_what_has_happened_is_always_accepted(history: list[Operation]) -> None:
    assert is_explained(history)


def test_a_slot_given_out_twice_is_found_and_named() -> None:
    history = [
        did(Kind.HOLD, "anna", 0, 1),
        did(Kind.BOOK, "anna", 2, 3),
        did(Kind.HOLD, "boris", 4, 5),
        did(Kind.HOLD, "boris", 0, 1, slot="b"),
    ]
    assert unexplained(history) == [{"a"}]
    assert is_explained(history[:2])
    assert is_explained([*history[:2], did(Kind.CANCEL, "anna", 3, 6), history[2]])


def test_a_booking_without_an_answer_explains_that_the_slot_is_taken() -> None:
    taken = did(Kind.HOLD, "boris", 10, 11, NO)
    assert not is_explained([taken])
    assert is_explained([did(Kind.HOLD, "anna", 0, None, NOTHING), taken])
    assert not is_explained([did(Kind.HOLD, "anna", 12, None, NOTHING), taken])


def test_what_never_answered_need_not_have_happened() -> None:
    silent = did(Kind.HOLD, "anna", 0, None, NOTHING)
    assert is_explained([silent, did(Kind.LOOK, "boris", 10, 11, YES)])
    assert is_explained([silent, did(Kind.LOOK, "boris", 10, 11, NO), did(Kind.BOOK, "anna", 12, 13)])
    free_again = did(Kind.LOOK, "boris", 12, 13, YES)
    assert not is_explained([silent, did(Kind.LOOK, "boris", 10, 11, NO), free_again])


def test_a_hold_that_ended_frees_its_slot_only_for_whom_time_has_run_out() -> None:
    held, rival = did(Kind.HOLD, "anna", 0, 1), did(Kind.HOLD, "boris", 10, 11)
    assert not is_explained([held, rival])
    assert is_explained([held, did(Kind.EXPIRE, "anna", 5, None, NOTHING), rival])
    assert not is_explained([held, did(Kind.BOOK, "anna", 2, 3), did(Kind.EXPIRE, "anna", 5, None, NOTHING), rival])


def test_a_move_is_one_step_on_both_slots() -> None:
    """Each slot alone would have an explanation: the new one was free late, the old one taken early."""
    booked = [did(Kind.HOLD, "anna", 0, 1), did(Kind.BOOK, "anna", 2, 3)]
    moved = did(Kind.MOVE, "anna", 4, 20, slot="b", left="a")
    old_is_free, new_is_free = did(Kind.LOOK, "boris", 5, 6), did(Kind.LOOK, "boris", 7, 8, slot="b")
    assert is_explained([*booked, moved, old_is_free])
    assert is_explained([*booked, moved, new_is_free])
    assert unexplained([*booked, moved, old_is_free, new_is_free]) == [{"a", "b"}]


def test_a_crowd_at_one_slot_is_checked_at_once() -> None:
    """2,000 clients at the same moment, one of whom got it."""
    crowd = [did(Kind.HOLD, number, 0, 100, YES if number == 1_234 else NO) for number in range(2_000)]
    assert is_explained(crowd)
    assert not is_explained([*crowd, did(Kind.HOLD, "late", 0, 100, YES)])


@pytest.mark.parametrize(
    ("kind", "ended", "told", "left"),
    [
        (Kind.HOLD, None, YES, None),
        (Kind.HOLD, 5, NOTHING, None),
        (Kind.HOLD, -1, YES, None),
        (Kind.MOVE, 5, YES, None),
        (Kind.HOLD, 5, YES, "b"),
    ],
)
def test_what_cannot_have_been_recorded_is_refused(kind: Kind, ended: int | None, told: Told, left: str | None) -> None:
    with pytest.raises(ValueError, match=r"operation ends|leaves a slot"):
        Operation(kind, "a", "anna", 0, ended, told, left)
