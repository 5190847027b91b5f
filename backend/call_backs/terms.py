"""What a region sets about calling back, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True)
class CallBackTerms:
    """The terms of one region; all of them config.

    Attributes:
        opens: From when on people are called, by their own clock.
        closes: Until when.
        least: The shortest window: a shorter one would pass before an operator is free.
        most_days: How far ahead a window may lie.
        kept: How long a request is kept for the session that took it; longer while its call is open.
        pauses: After nobody has answered: until the second call, until the third; there is no further one.
        most_a_day: Requests of one person within a day, whatever became of them.
    """

    opens: time = time(8)
    closes: time = time(20)
    least: timedelta = timedelta(minutes=30)
    most_days: int = 7
    kept: timedelta = timedelta(minutes=15)
    pauses: Sequence[timedelta] = (timedelta(minutes=30), timedelta(hours=2))
    most_a_day: int = 5

    @property
    def most_attempts(self) -> int:
        """Return how often somebody is called who does not answer."""
        return len(self.pauses) + 1

    @property
    def for_all_attempts(self) -> timedelta:
        """Return how long a window has to be for every call: the pauses between them, and `least`."""
        return sum(self.pauses, self.least)


PORTAL_CALL_BACKS = CallBackTerms()
"""The terms where a region has set none."""
