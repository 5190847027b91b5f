"""Takes what is due of one channel, sends it, and writes down what came of it, batch by batch.

Nothing is sent inside a transaction. A process may end at any instant: what it had taken is given to another when its
lease is over, and goes again under the same id, by which a phone or a gateway knows what it has.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.carriers import Carriers
from notifications.channels.port import Channel, Outcome, Parcel, Sender, Verdict
from notifications.metrics import Metrics
from notifications.pace import Pace
from notifications.parcels import Packer, ToSend
from notifications.queue import Settlement, claim, is_due
from notifications.settings import DeliverySettings
from notifications.verdicts import Decided, decided, left_for, write

_log = structlog.get_logger("notifications")

OpenSession = Callable[[], AbstractAsyncContextManager[AsyncSession]]

SEND_SECONDS = 30.0
"""No sender takes longer, whatever it promises; a lease holds at least so long when a send begins."""

_GATHER_SECONDS = 0.1
"""What ends within it is written together."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What couriers stand on: `transaction` and `reading` open sessions, `monotonic` is in seconds."""

    transaction: OpenSession
    reading: OpenSession
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    settings: DeliverySettings
    metrics: Metrics


class Courier:
    """Delivers one channel; several in one process or in many do not disturb one another."""

    def __init__(self, channel: Channel, carriers: Carriers, packer: Packer, ground: Ground) -> None:
        """Carry by `carriers` what `packer` makes of the rows of `channel`."""
        self.channel = channel
        self._carriers = carriers
        self._packer = packer
        self._ground = ground
        self._at_once = asyncio.Semaphore(ground.settings.concurrency)
        self._pace = Pace(ground.settings.per_second, monotonic=ground.monotonic)

    async def deliver_due(self) -> int:
        """Take one batch and see it through.

        Returns:
            How many were taken; fewer than a batch when nothing more is due.

        Raises:
            Exception: Whatever the database raises; what was taken is given back when its lease is over.
        """
        ground = self._ground
        taken_at = ground.monotonic()
        lease = timedelta(seconds=ground.settings.lease_seconds)
        async with ground.reading() as session:
            if not await is_due(session, self.channel, now=ground.clock()):
                return 0
        async with ground.transaction() as session:
            claimed = await claim(session, self.channel, most=ground.settings.batch, now=ground.clock(), lease=lease)
        if not claimed:
            return 0
        async with ground.reading() as session:
            packed = await self._packer.pack(session, claimed, now=ground.clock())
        if any(isinstance(one, ToSend) and one.is_of_campaign for one in packed):
            async with ground.transaction() as session:
                packed = await self._packer.within_caps(session, packed, now=ground.clock())
        last_start = taken_at + ground.settings.lease_seconds - min(SEND_SECONDS, ground.settings.lease_seconds / 2)
        await self._write([Decided(one) for one in packed if isinstance(one, Settlement)])
        sends = [self._deliver(one, last_start) for one in packed if isinstance(one, ToSend)]
        async for ended in _in_groups(sends):
            await self._write([one for one in ended if one is not None])
        return len(claimed)

    async def close(self) -> None:
        """Close every sender."""
        await self._carriers.close()

    async def _write(self, ended: Sequence[Decided]) -> None:
        if ended:
            async with self._ground.transaction() as session:
                await write(session, ended, now=self._ground.clock())

    async def _deliver(self, one: ToSend, last_start: float) -> Decided | None:
        """Send one parcel; None when it is not ours any more."""
        async with self._at_once:
            await self._pace.turn()
            if self._ground.monotonic() > last_start:  # a process that was frozen, or was too slow (R60)
                _log.warning("delivery_left", delivery_id=str(one.claimed.id), reason="lease")
                return None
            sender = self._carriers.choose(one.provider)
            if sender is None:
                knows = self._carriers.knows(one.provider)
                return Decided(left_for(one, now=self._ground.clock(), is_resting=knows))
            outcome = await self._send(sender, one.parcel)
        return decided(one, sender.provider, outcome, now=self._ground.clock())

    async def _send(self, sender: Sender, parcel: Parcel) -> Outcome:
        began = self._ground.monotonic()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                outcome = await sender.send(parcel)
        except TimeoutError:
            outcome = Outcome(Verdict.UNCLEAR, "timed_out")
        except Exception:  # a sender that breaks its promise must not take the batch with it
            _log.exception("sender_failed", provider=sender.provider.value, delivery_id=str(parcel.delivery_id))
            outcome = Outcome(Verdict.UNCLEAR, "sender_failed")
        took = self._ground.monotonic() - began
        self._ground.metrics.tried(parcel, sender.provider, outcome, took_seconds=took)
        if self._carriers.note(sender.provider, outcome, took_seconds=took):
            _log.warning("provider_rests", provider=sender.provider.value, reason=outcome.reason)
        self._ground.metrics.rests(sender.provider, now=self._carriers.is_resting(sender.provider))
        return outcome


async def _in_groups(
    sends: Sequence[Coroutine[Any, Any, Decided | None]],
) -> AsyncIterator[list[Decided | None]]:
    """Run them all, and yield what has ended since the last time."""
    pending = {asyncio.ensure_future(send) for send in sends}
    try:
        while pending:
            ended, pending = await asyncio.wait(pending, timeout=_GATHER_SECONDS)
            if ended:
                yield [send.result() for send in ended]
    finally:
        for send in pending:
            send.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
