"""What a serving process does besides serving: its signals, and an end that comes in time (R63)."""

import asyncio
import signal
from collections.abc import Callable

from backend.entrypoints.serving import Served, allow_many_connections, serve

LONGEST_END_SECONDS = 14.9
"""From the first signal to the end of the process, whatever hangs (R63: 15 s)."""


async def serve_until_signal(served: list[Served], *, ready: Callable[[], None]) -> None:
    """Serve in this process alone: the first SIGTERM, SIGINT or SIGHUP drains it, a second one ends it at once.

    Raises:
        StartFailed: An app did not start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def leave() -> None:
        end_in_time()
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in numbers:
        loop.add_signal_handler(number, leave)
    allow_many_connections()
    await serve(served, stop=stop, ready=ready)


def end_in_time() -> None:
    """Let the kernel end this process when its time is over, even if its event loop hangs.

    The default action of SIGALRM needs nothing of us; everything acknowledged is in the database (R65).
    """
    signal.setitimer(signal.ITIMER_REAL, LONGEST_END_SECONDS)
