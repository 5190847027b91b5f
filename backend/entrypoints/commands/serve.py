"""`zdorovye serve`: the application alone, in one process or in several."""

import asyncio
import signal
import sys
from typing import Annotated

import typer

from backend.entrypoints.addresses import public_url
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.listening import bind
from backend.entrypoints.loading import load
from backend.entrypoints.migrations.run import is_current
from backend.entrypoints.preflight import why_not_several
from backend.entrypoints.processes import serve_until_signal
from backend.entrypoints.server import StartFailed
from backend.entrypoints.terminal import fail, settings_or_fail
from backend.entrypoints.workers import WorkerFailed, Workers
from backend.settings import Settings

_APPLICATION = "backend.entrypoints.application:served_app"
"""Loaded by a process that serves itself; the parent of workers never needs it."""

commands = typer.Typer(add_completion=False)


@commands.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes; several need PostgreSQL and Redis.")] = 1,
) -> None:
    """Serve the application alone: no migration, no demo, no simulators."""
    settings = settings_or_fail()
    if workers > 1 and (reason := run_async(why_not_several(settings))):
        fail(f"{workers} workers cannot serve: {reason}")
    if not is_current(settings.database.url):
        fail("the database is not at the newest shape: run `zdorovye migrate`")
    listener = bind(settings.host, settings.port, variable="ZDOROVYE_PORT")
    try:
        if workers == 1:
            served = load(_APPLICATION)(settings, listener)
            run_async(serve_until_signal([served], ready=lambda: _say_ready(settings)))
        else:
            run_async(_supervise(settings, Workers(listener, workers)))
    except (StartFailed, WorkerFailed) as error:
        fail(str(error))


async def _supervise(settings: Settings, workers: Workers) -> None:
    """SIGTERM or SIGINT drains all, a second one ends all at once; SIGHUP replaces them one after another."""
    stop, reload = asyncio.Event(), asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            workers.kill_all()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await workers.run(ready=lambda: _say_ready(settings), stop=stop, reload=reload)


def _say_ready(settings: Settings) -> None:
    sys.stdout.write(f"ready: {public_url(settings)}\n")
    sys.stdout.flush()
