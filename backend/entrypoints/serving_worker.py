"""One of several workers: a process of its own, started by `backend.entrypoints.workers` and never by hand.

It inherits the listening socket. Its standard input is its life line: a line there is an order, its end means that the
parent is gone or wants it to leave. On its standard output it says that it serves, and goes on saying so.
"""

import asyncio
import os
import signal
import socket
import sys
from typing import NoReturn

import structlog

from backend.clock import system_clock
from backend.entrypoints.configuration import SettingsUnusable, read_settings
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.loading import load
from backend.entrypoints.processes import end_in_time
from backend.entrypoints.server import StartFailed
from backend.entrypoints.serving import Served, allow_many_connections, serve
from backend.entrypoints.worker_words import FAILED, HAND_OVER, HEARTBEAT_SECONDS, SERVING
from identity.keys import KeyUnusable

_APPLICATION = "backend.entrypoints.application:served_app"

log = structlog.get_logger("worker")


def main() -> None:
    """Serve on the listener whose file descriptor is the only argument, until told to leave."""
    words = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody else speaks to the parent
    try:
        listener = socket.socket(fileno=int(sys.argv[1]))
        served_app = load(_APPLICATION)
        run_async(_work(served_app(read_settings(system_clock), listener), words))
    except (SettingsUnusable, KeyUnusable, StartFailed) as error:
        _fail(words, str(error))
    except Exception as error:  # the boundary: the parent is told, the log keeps the rest
        log.exception("worker_failed")
        _fail(words, f"{type(error).__name__}: the log says where")


async def _work(served: Served, words: int) -> None:
    stop, handed_over = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    allow_many_connections()
    companions = [
        asyncio.create_task(_obey(stop, handed_over)),
        asyncio.create_task(_mind_the_time(stop)),
    ]

    def ready() -> None:
        companions.append(asyncio.create_task(_say_serving(words, stop)))

    try:
        await serve([served], stop=stop, ready=ready, handed_over=handed_over.is_set)
    finally:
        for companion in companions:
            companion.cancel()


async def _obey(stop: asyncio.Event, handed_over: asyncio.Event) -> None:
    orders = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(orders)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    try:
        if await orders.readline() == HAND_OVER:
            handed_over.set()
        stop.set()
    finally:
        transport.close()


async def _mind_the_time(stop: asyncio.Event) -> None:
    await stop.wait()
    end_in_time()


async def _say_serving(words: int, stop: asyncio.Event) -> None:
    while _say(words, SERVING):  # noqa: ASYNC110 # time itself is what is waited for
        await asyncio.sleep(HEARTBEAT_SECONDS)
    stop.set()


def _say(words: int, line: bytes) -> bool:
    """Tell the parent, and return whether it listens."""
    try:
        os.write(words, line)
    except BrokenPipeError:
        return False
    return True


def _fail(words: int, reason: str) -> NoReturn:
    _say(words, FAILED + " ".join(reason.split()).encode() + b"\n")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
