"""What several workers settle with, in memory and by a clock of the test."""

from collections.abc import Mapping
from uuid import UUID

from backend.clock import SettableClock
from graphql_schema.shared_budget import Owed, Settlement

CAPACITY = 600
RATE = CAPACITY / 60
PAYER = f"person:{UUID(int=1)}"


class LevelsInMemory:
    """The arithmetic of the script in Redis, by a clock of the test; may be away, or answer too late."""

    def __init__(self, clock: SettableClock) -> None:
        """Keep nobody yet."""
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}
        self._done: dict[tuple[str, str], tuple[int, float]] = {}
        self.is_away = False
        self.is_late = False

    async def settle(self, settlement: Settlement) -> Mapping[str, float]:
        """Settle."""
        if self.is_away:
            raise ConnectionError
        now = self._clock().timestamp()
        for payer, owed in settlement.owed.items():
            level, since = self._levels.get(payer, (float(CAPACITY), now))
            cost = self._new_of(payer, owed, settlement)
            level = min(CAPACITY, min(CAPACITY, level + (now - since) * RATE) - cost)
            self._levels[payer] = (level, now)
        if self.is_late:
            raise TimeoutError
        return {payer: self._levels[payer][0] for payer in settlement.owed}

    def _new_of(self, payer: str, owed: Owed, settlement: Settlement) -> float:
        """Return what of it was not subtracted before."""
        number, cost = self._done.get((payer, settlement.worker), (0, 0.0))
        if number >= settlement.number:
            return 0.0
        self._done[payer, settlement.worker] = (settlement.number, owed.cost)
        return owed.cost - cost if number >= owed.since else owed.cost

    def level(self, payer: str) -> float:
        """Return what is left now."""
        level, since = self._levels.get(payer, (float(CAPACITY), 0.0))
        return min(CAPACITY, level + (self._clock().timestamp() - since) * RATE)
