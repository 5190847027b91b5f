"""Wait for what another process does: asked again and again, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE_SECONDS = 0.02


async def until(condition: Callable[[], Awaitable[bool]], *, what: str, seconds: float = 30) -> None:
    """Return as soon as `condition` holds.

    Raises:
        AssertionError: It did not within `seconds`; names `what` was waited for.
    """
    give_up_at = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < give_up_at, f"waited {seconds:.0f} s for: {what}"
        await asyncio.sleep(_PAUSE_SECONDS)
