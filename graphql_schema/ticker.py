"""One timer for many: runs while there is somebody to look after, instead of one timer or task each."""

import asyncio
from collections.abc import Callable


class Ticker:
    """Calls a function each `seconds` while it is started; to be used on one event loop."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        """Stand still."""
        self._seconds = seconds
        self._act = act
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, unless it runs."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._tick)

    def stop(self) -> None:
        """Stand still again; may be started again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        self.start()
        self._act()
