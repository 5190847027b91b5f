"""Stops asking a system that has just failed several times, and lets one question through after a rest."""

from collections.abc import Callable


class Breaker:
    """Open after `failures_to_open` failures in a row; closes on the first success."""

    def __init__(self, *, failures_to_open: int, rest_seconds: float, monotonic: Callable[[], float]) -> None:
        """Begin closed."""
        self._failures_to_open = failures_to_open
        self._rest_seconds = rest_seconds
        self._monotonic = monotonic
        self._failures = 0
        self._resting_until = 0.0

    def may_ask(self) -> bool:
        """Say whether to ask now; when a rest is over one caller gets through and the others rest again."""
        if self._failures < self._failures_to_open:
            return True
        now = self._monotonic()
        if now < self._resting_until:
            return False
        self._resting_until = now + self._rest_seconds
        return True

    def note_success(self) -> None:
        """Close."""
        self._failures = 0

    def note_failure(self) -> None:
        """Count, and rest when it was one too many."""
        self._failures += 1
        if self._failures >= self._failures_to_open:
            self._resting_until = self._monotonic() + self._rest_seconds
