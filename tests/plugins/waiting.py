"""Wait for what another process does: asked again and again, with a deadline."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_PAUSE_SECONDS = 0.02
_HEARTBEAT_SECONDS = 0.1


async def until(condition: Callable[[], Awaitable[bool]], *, what: str, seconds: float = 30) -> None:
    """Return as soon as `condition` holds.

    Raises:
        AssertionError: It did not within `seconds`; names `what` was waited for.
    """
    give_up_at = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < give_up_at, f"waited {seconds:.0f} s for: {what}"
        await asyncio.sleep(_PAUSE_SECONDS)


async def pause(seconds: float) -> None:
    """Let so much time go by, where time itself is what is tried: never to wait for something to happen."""
    await asyncio.sleep(seconds)


class Pauses:
    """How long the event loop stood still: a busy or a stopped machine, not a lost waiter."""

    longest_seconds = 0.0

    async def watch(self) -> None:
        """Look at the clock again and again, without end."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - before - _HEARTBEAT_SECONDS)


@asynccontextmanager
async def pauses_watched() -> AsyncIterator[Pauses]:
    """Measure meanwhile how long the event loop stands still."""
    pauses = Pauses()
    watching = asyncio.create_task(pauses.watch())
    try:
        yield pauses
    finally:
        watching.cancel()
        await asyncio.wait({watching})
