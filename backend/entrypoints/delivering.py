"""Sending what waits to be sent: built here, run inside `serve` and by `zdorovye worker`."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.clock import Clock
from backend.consents.permissions import InformingConsents
from backend.database import Database
from backend.entrypoints.housekeeping import Sweep
from backend.errors import Operational
from backend.inbox.topics import DELIVERIES
from backend.profile.contacts import Contacts
from backend.signals import Signals
from notifications import caps, planning, queue, suppression
from notifications.carriers import Carriers
from notifications.channels.port import Channel, Sender
from notifications.channels.sms import SmsSender
from notifications.circumstances import Advisers
from notifications.courier import Courier, Ground
from notifications.deliverer import Deliverer
from notifications.parcels import Packer
from notifications.settings import NotificationSettings
from notifications.suppression import AddressHashes
from notifications.unsubscribing import UnsubscribeLinks


def build_deliverer(
    settings: NotificationSettings, clock: Clock, database: Database, links: UnsubscribeLinks
) -> Deliverer:
    """Build what sends; nothing connects before the first message.

    Args:
        settings: Of every provider.
        clock: What is due is decided by it.
        database: Where the queue is.
        links: The way out of a topic, for mails; see `build_unsubscribe_links`.
    """
    ground = Ground(
        transaction=database.transaction,
        reading=database.reading,
        clock=clock,
        monotonic=time.monotonic,
        settings=settings.delivery,
    )
    chosen = settings.preferences
    hashes = AddressHashes(chosen.secret.encode())
    packer = Packer(Advisers(Contacts(), InformingConsents(), hashes, links, chosen))
    couriers = [
        Courier(channel, Carriers(senders, monotonic=time.monotonic), packer, ground)
        for channel, senders in _senders(settings, clock).items()
    ]
    return Deliverer(couriers, ground, unavailable=(Operational,))


def message_sweeps() -> dict[str, tuple[Sweep, int]]:
    """Return what time alone asks of messages: by name the sweep and the seconds between two runs."""
    return {
        "campaign_slots": (caps.purge, 3_600),
        "deliveries_lost": (queue.reap, 10),
        "planned_messages": (planning.tell_due, 15),
        "suppressed_addresses": (suppression.forget, 3_600),
    }


@asynccontextmanager
async def kept_delivering(deliverer: Deliverer, signals: Signals, *, patience_seconds: float) -> AsyncIterator[None]:
    """Deliver meanwhile; on leaving, what was taken is seen through within `patience_seconds`, or given back later."""
    running = asyncio.create_task(deliverer.run())
    waking = asyncio.create_task(_wake(deliverer, signals))
    try:
        yield
    finally:
        deliverer.stop()
        await asyncio.wait([running], timeout=patience_seconds)
        for task in (running, waking):
            task.cancel()
        await asyncio.gather(running, waking, return_exceptions=True)
        await deliverer.close()


async def _wake(deliverer: Deliverer, signals: Signals) -> None:
    async with signals.watch(DELIVERIES) as wakes:
        async for _ in wakes:
            deliverer.wake()


def _senders(settings: NotificationSettings, clock: Clock) -> dict[Channel, list[Sender]]:
    """Return who carries each channel, the preferred one first."""
    return {
        Channel.PUSH: [],
        Channel.SMS: [SmsSender(settings.sms, clock=clock)],
        Channel.EMAIL: [],
    }
