"""`zdorovye worker`: sends what waits to be sent, in a process of its own; as many as wanted, on PostgreSQL."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack

import typer

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.delivering import SendersUnusable, kept_delivering, message_sweeps
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.housekeeping import schedule_housekeeping
from backend.entrypoints.migrations.run import is_current
from backend.entrypoints.preferences import build_unsubscribe_links
from backend.entrypoints.processes import end_in_time
from backend.entrypoints.terminal import fail, settings_or_fail
from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.settings import Settings
from backend.signals import MemorySignals, Signals
from notifications.templates import templates

PATIENCE_SECONDS = 12.0
"""How long what was taken may still take after SIGTERM; the process ends within 15 s (R63)."""

commands = typer.Typer(add_completion=False)


@commands.command()
def worker() -> None:
    """Send messages until SIGTERM; needs the database, the providers, and no key of ours."""
    settings = settings_or_fail()
    if not is_current(settings.database.url):
        fail("the database is not at the newest shape: run `zdorovye migrate`")
    try:
        run_async(work(settings))
    except SendersUnusable as error:
        fail(f"nothing can be sent: {error}")


async def work(settings: Settings) -> None:
    """Send until SIGTERM, SIGINT or SIGHUP."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    templates()  # a text that cannot be used stops the start
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        signals = _signals(settings, stack)
        ticks = schedule_housekeeping(database, system_clock, message_sweeps())
        ticks.start()
        stack.callback(ticks.shutdown, wait=False)
        sending = kept_delivering(
            settings.notifications,
            system_clock,
            database,
            signals,
            build_unsubscribe_links(settings),
            patience_seconds=PATIENCE_SECONDS,
        )
        async with sending:
            sys.stdout.write("ready: sending\n")
            sys.stdout.flush()
            await stop.wait()
            end_in_time()


def _signals(settings: Settings, stack: AsyncExitStack) -> Signals:
    """Open what servers wake us by; without it we only look from time to time."""
    if not settings.redis_url:
        return MemorySignals()
    redis = open_redis(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    signals = RedisSignals(redis)
    stack.push_async_callback(signals.close)
    return signals
