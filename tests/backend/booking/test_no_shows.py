"""Who does not come: the rule counts what the clinic says and nobody has appealed, and it ends by itself."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.errors import NoShowBlocked
from backend.booking.no_shows import AppealState, Missed, check_not_blocked, standing
from backend.booking.terms import NoShowTerms
from backend.booking.values import AppointmentId
from tests.factories.people import NOW

TERMS = NoShowTerms(limit=3, within=timedelta(days=90), blocked_for=timedelta(days=14))


def missed(*days_ago: int, appeal: AppealState | None = None) -> list[Missed]:
    return [Missed(AppointmentId(uuid7()), NOW - timedelta(days=days), appeal) for days in days_ago]


def test_the_third_visit_within_the_span_blocks_for_a_while() -> None:
    visits = missed(13, 50, 103)
    found = standing(visits, TERMS, now=NOW)
    assert (found.count, found.limit, found.blocked_until) == (2, 3, NOW + timedelta(days=1))
    assert found.missed == tuple(visits)
    with pytest.raises(NoShowBlocked):
        check_not_blocked(visits, TERMS, now=NOW)
    assert standing(visits, TERMS, now=NOW + timedelta(days=1)).blocked_until is None


@pytest.mark.parametrize("days", [(), (1,), (1, 2), (1, 2, 92), (14, 15, 16)])
def test_fewer_or_too_far_apart_or_over_blocks_nothing(days: tuple[int, ...]) -> None:
    check_not_blocked(missed(*days), TERMS, now=NOW)


@pytest.mark.parametrize(
    ("appeal", "blocks"), [(AppealState.PENDING, False), (AppealState.ACCEPTED, False), (AppealState.REJECTED, True)]
)
def test_an_appealed_visit_counts_only_when_the_appeal_was_wrong(appeal: AppealState, blocks: bool) -> None:
    visits = [*missed(2, 3), *missed(1, appeal=appeal)]
    found = standing(visits, TERMS, now=NOW)
    assert (found.count, found.blocked_until is not None) == (3 if blocks else 2, blocks)


@given(days=st.lists(st.integers(0, 120), max_size=8), limit=st.integers(1, 4))
def test_the_block_agrees_with_every_window_looked_at_by_hand(days: list[int], limit: int) -> None:
    terms = NoShowTerms(limit=limit, within=timedelta(days=30), blocked_for=timedelta(days=10))
    blocked = any(
        day < 10 and sum(day <= other <= day + 30 for other in days) >= limit for day in days
    )  # the latest visit of a window is the one that makes it full, or one after it
    assert (standing(missed(*days), terms, now=NOW).blocked_until is not None) == blocked
