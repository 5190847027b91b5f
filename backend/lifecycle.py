"""Whether this process still takes up new work, for everything that lives longer than one request."""

import asyncio


class Lifecycle:
    """One process from its start to its drain; for one event loop, not for threads.

    A drain begins once and is never taken back: `/health/ready` says no, long connections are told to come again
    elsewhere, and the server stops accepting soon after (R63).
    """

    def __init__(self) -> None:
        """Begin as one that serves."""
        self._draining = asyncio.Event()

    @property
    def is_draining(self) -> bool:
        """Whether the drain began."""
        return self._draining.is_set()

    def begin_drain(self) -> None:
        """Begin the drain and wake everybody who waits for it; a second call changes nothing."""
        self._draining.set()

    async def wait_for_drain(self) -> None:
        """Return when the drain begins, at once if it did; any number may wait, each may be cancelled alone."""
        await self._draining.wait()
