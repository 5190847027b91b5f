"""Sending what waits to be sent: built here, run inside `serve` and by `zdorovye worker`."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import cache

import structlog
from prometheus_client import start_http_server
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.consents.permissions import InformingConsents
from backend.database import Database
from backend.devices.sessions import retire_all_signed_out
from backend.entrypoints.housekeeping import Sweep
from backend.errors import Operational
from backend.inbox.topics import DELIVERIES
from backend.profile.contacts import Contacts
from backend.signals import Signals
from notifications import caps, planning, queue, suppression, upkeep
from notifications.carriers import Carriers
from notifications.channels.email import SmtpSender
from notifications.channels.fcm import open_fcm
from notifications.channels.port import Channel, Provider, Sender
from notifications.channels.rustore import RuStoreSender
from notifications.channels.sms import SmsSender
from notifications.circumstances import Advisers
from notifications.courier import Courier, Ground
from notifications.deliverer import Deliverer
from notifications.devices import retire_idle
from notifications.metrics import Metrics
from notifications.parcels import Packer
from notifications.settings import NotificationSettings
from notifications.statistics import backlogs, failure_shares
from notifications.suppression import AddressHashes
from notifications.unsubscribing import UnsubscribeLinks

_log = structlog.get_logger("notifications")


_JUDGED = timedelta(hours=1)
_MEASURE_SECONDS = 15.0


class SendersUnusable(Exception):
    """A provider's settings cannot be used; says which and why."""


@cache
def delivery_metrics() -> Metrics:
    """Return what this process counts."""
    return Metrics()


async def look(session: AsyncSession, now: datetime) -> int:
    """Look at what fails; somebody is told of too much of it. Returns of how many providers."""
    shares = await failure_shares(session, since=now - _JUDGED)
    alarming = [share for share in shares if share.is_alarming]
    for share in alarming:
        _log.error("high_failure", provider=share.provider.value, failed=share.failed, total=share.total)
    return len(alarming)


def message_sweeps() -> dict[str, tuple[Sweep, int]]:
    """Return what time alone asks of messages: by name the sweep and the seconds between two runs."""
    return {
        "campaign_slots": (caps.purge, 3_600),
        "suppressed_addresses": (suppression.forget, 3_600),
        "deliveries_lost": (queue.reap, 10),
        "planned_messages": (planning.tell_due, 15),
        "devices_signed_out": (retire_all_signed_out, 60),
        "devices_idle": (retire_idle, 3_600),
        "deliveries_failing": (look, 60),
        "deliveries_old": (upkeep.purge, 600),
    }


@asynccontextmanager
async def kept_delivering(
    settings: NotificationSettings,
    clock: Clock,
    database: Database,
    signals: Signals,
    links: UnsubscribeLinks,
    *,
    patience_seconds: float,
) -> AsyncIterator[None]:
    """Deliver meanwhile; on leaving, what was taken is seen through within `patience_seconds`, or given back later.

    `links` are the way out of a topic, for mails.

    Raises:
        SendersUnusable: FCM's service account is none; nothing has begun, and nobody is told that it has.
        OSError: The port of the metrics is taken.
    """
    chosen = settings.preferences
    hashes = AddressHashes(chosen.secret.encode())
    packer = Packer(Advisers(Contacts(), InformingConsents(), hashes, links, chosen))
    deliverer = _deliverer(settings, clock, database, packer, await _senders(settings, clock))
    beside = [asyncio.create_task(_wake(deliverer, signals))]
    if settings.delivery.metrics_port is not None:
        beside.append(asyncio.create_task(_measure(database, clock)))
    running = asyncio.create_task(deliverer.run())
    try:
        with _metrics_served(settings.delivery.metrics_port):
            yield
    finally:
        deliverer.stop()
        await asyncio.wait([running], timeout=patience_seconds)
        for task in (*beside, running):
            task.cancel()
        await asyncio.gather(*beside, running, return_exceptions=True)
        await deliverer.close()


async def _measure(database: Database, clock: Clock) -> None:
    """Let this process's gauges show what waits and what fails; every process that is asked looks for itself."""
    while True:
        try:
            async with database.reading() as session:
                shares = await failure_shares(session, since=clock() - _JUDGED)
                delivery_metrics().looked(await backlogs(session, now=clock()), shares)
        except Operational as error:
            _log.warning("measuring_waits", code=error.code)
        await asyncio.sleep(_MEASURE_SECONDS)


@contextmanager
def _metrics_served(port: int | None) -> Iterator[None]:
    """Answer Prometheus on the loopback meanwhile.

    Raises:
        OSError: The port is taken.
    """
    if port is None:
        yield
        return
    server, thread = start_http_server(port, addr="127.0.0.1")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _wake(deliverer: Deliverer, signals: Signals) -> None:
    async with signals.watch(DELIVERIES) as wakes:
        async for _ in wakes:
            deliverer.wake()


def _deliverer(
    settings: NotificationSettings,
    clock: Clock,
    database: Database,
    packer: Packer,
    senders: Mapping[Channel, Sequence[Sender]],
) -> Deliverer:
    ground = Ground(
        transaction=database.transaction,
        reading=database.reading,
        clock=clock,
        monotonic=time.monotonic,
        settings=settings.delivery,
        metrics=delivery_metrics(),
    )
    couriers = [
        Courier(channel, Carriers(known, monotonic=time.monotonic), packer, ground)
        for channel, known in senders.items()
    ]
    return Deliverer(couriers, ground, unavailable=(Operational,))


async def _senders(settings: NotificationSettings, clock: Clock) -> dict[Channel, list[Sender]]:
    """Return who carries each channel, the preferred one first; nothing connects before the first message.

    Raises:
        SendersUnusable: FCM's service account is none.
    """
    try:
        push: list[Sender] = [await open_fcm(settings.fcm, clock=clock)] if settings.fcm.enabled else []
    except (ValueError, OSError) as error:
        raise SendersUnusable(f"notifications.fcm: {error}") from error
    sms: list[Sender] = [SmsSender(settings.sms, clock=clock)]
    if settings.sms_reserve is not None:
        sms.append(SmsSender(settings.sms_reserve, clock=clock, provider=Provider.SMS_RESERVE))
    push += [RuStoreSender(settings.rustore)] if settings.rustore.enabled else []
    return {
        Channel.PUSH: push,
        Channel.SMS: sms,
        Channel.EMAIL: [SmtpSender(settings.smtp)] if settings.smtp.enabled else [],
    }
