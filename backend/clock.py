"""Time as a value that is passed in, never read from a global."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present instant, always aware and in UTC."""


def system_clock() -> datetime:
    """Return the present instant from the operating system, aware, in UTC."""
    return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is moved; for tests and simulators."""

    def __init__(self, now: datetime) -> None:
        """Start at `now`, which must be aware."""
        self.set(now)

    def __call__(self) -> datetime:
        """Return the instant this clock stands at."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move to `now`.

        Raises:
            ValueError: `now` is naive.
        """
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forward (or, with a negative span, back)."""
        self._now += by
