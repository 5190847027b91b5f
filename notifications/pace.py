"""Spreads sends over time, so that what waited through an outage does not fall on a provider all at once."""

import asyncio
from collections.abc import Callable


class Pace:
    """At most so many turns a second, evenly spaced; for the tasks of one event loop."""

    def __init__(self, per_second: float, *, monotonic: Callable[[], float]) -> None:
        """Begin with a turn free; time is in seconds."""
        self._gap = 1 / per_second
        self._monotonic = monotonic
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the next turn."""
        now = self._monotonic()
        at = max(now, self._next)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
