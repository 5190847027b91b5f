"""What workers grant together stays within the documented bound, whatever the order of things."""

import asyncio
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.clock import SettableClock
from graphql_schema.shared_budget import SharedCostBudget
from tests.factories.people import NOW
from tests.graphql_schema.shared_levels import CAPACITY, PAYER, RATE, LevelsInMemory


class BudgetOfWorkers(RuleBasedStateMachine):
    """Workers spend, give back and settle in any order; nobody waits for anybody."""

    @initialize(count=st.integers(1, 4))
    def begin(self, count: int) -> None:
        """Start the workers."""
        self.loop = asyncio.new_event_loop()
        self.clock = SettableClock(NOW)
        self.levels = LevelsInMemory(self.clock)
        self.workers = [SharedCostBudget(self.levels, cost_per_minute=CAPACITY, clock=self.clock) for _ in range(count)]
        self.granted = 0
        self.owed = [0] * count

    @rule(who=st.integers(0, 3), cost=st.integers(1, CAPACITY))
    def spend(self, who: int, cost: int) -> None:
        """One worker decides by what it knows."""
        number = who % len(self.workers)
        spending = self.loop.run_until_complete(self.workers[number].spend(PAYER, cost))
        assert 0 <= spending.available <= CAPACITY
        if spending.retry_after_ms is None:
            self.granted += cost
            self.owed[number] += cost

    @rule(who=st.integers(0, 3), share=st.floats(0, 1))
    def give_back(self, who: int, share: float) -> None:
        """An operation needed less than it took."""
        number = who % len(self.workers)
        back = int(self.owed[number] * share)
        self.owed[number] = 0
        self.granted -= back
        self.loop.run_until_complete(self.workers[number].give_back(PAYER, back))

    @rule(who=st.integers(0, 3))
    def settle(self, who: int) -> None:
        """One worker tells and learns."""
        self.loop.run_until_complete(self.workers[who % len(self.workers)].settle())

    @rule(who=st.integers(0, 3))
    def settle_too_late(self, who: int) -> None:
        """What one worker tells is subtracted, but it never learns so."""
        self.levels.is_late = True
        self.loop.run_until_complete(self.workers[who % len(self.workers)].settle())
        self.levels.is_late = False

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        """Time passes, and every worker settles in it: it does so each quarter of a second."""
        for worker in self.workers:
            self.loop.run_until_complete(worker.settle())
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def no_more_is_granted_than_the_bound_says(self) -> None:
        """`N * capacity + rate * t`."""
        seconds = (self.clock() - NOW).total_seconds()
        assert self.granted <= len(self.workers) * CAPACITY + RATE * seconds + 1e-6

    def teardown(self) -> None:
        """End what still waits to settle."""
        for worker in getattr(self, "workers", ()):
            self.loop.run_until_complete(worker.close())
        if hasattr(self, "loop"):
            self.loop.close()


BudgetOfWorkers.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestBudgetOfWorkers = BudgetOfWorkers.TestCase
