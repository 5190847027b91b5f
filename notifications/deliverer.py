"""Delivers every channel until told to stop: each at its own pace, so that a provider that hangs holds up no other."""

import asyncio
from collections.abc import Sequence

import structlog

from notifications.courier import Courier, Ground

_log = structlog.get_logger("notifications")


class Deliverer:
    """The couriers of one process; made and used on one event loop."""

    def __init__(
        self, couriers: Sequence[Courier], ground: Ground, *, unavailable: tuple[type[Exception], ...]
    ) -> None:
        """Run `couriers`; `unavailable` is what a database raises that is away for a while."""
        self._couriers = couriers
        self._ground = ground
        self._unavailable = unavailable
        self._due = {courier.channel: asyncio.Event() for courier in couriers}
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look at once for what is due; to be called after a commit. Never fails and never waits."""
        for due in self._due.values():
            due.set()

    async def run(self) -> None:
        """Deliver until `stop`; what was taken by then is seen through."""
        await asyncio.gather(*(self._deliver(courier) for courier in self._couriers))

    def stop(self) -> None:
        """Take nothing more."""
        self._stopping.set()
        self.wake()

    async def close(self) -> None:
        """Close every sender."""
        for courier in self._couriers:
            await courier.close()

    async def _deliver(self, courier: Courier) -> None:
        due = self._due[courier.channel]
        while not self._stopping.is_set():
            due.clear()
            if await self._batch(courier) < self._ground.settings.batch and not self._stopping.is_set():
                await _within(due, self._ground.settings.poll_seconds)

    async def _batch(self, courier: Courier) -> int:
        try:
            return await courier.deliver_due()
        except self._unavailable as error:
            _log.warning("delivery_waits", channel=courier.channel.value, error=type(error).__name__)
        except Exception:  # one batch that cannot be handled must not end the process that sends
            _log.exception("delivery_failed", channel=courier.channel.value)
        return 0


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
