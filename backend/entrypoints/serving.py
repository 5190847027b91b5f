"""Serves HTTP applications in one process: ours, and in development the simulators beside it."""

import asyncio
import gc
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from backend.entrypoints.frames import WebSocketProtocol
from backend.entrypoints.http_connection import HttpProtocol
from backend.entrypoints.listening import BACKLOG
from backend.entrypoints.server import Server
from backend.lifecycle import Lifecycle

DRAIN_SECONDS = 12
"""How long open requests may take after SIGTERM; with notice and what closing takes it stays below 15 s (R63)."""

_MOST_CONNECTIONS = 20_000
"""Of one process, idle ones and WebSockets among them; a request beyond them gets 503, but one for our health.

WebSockets and event streams have a lower limit of their own (`graphql.max_streams_of_worker`): so they leave room for
requests, and a WebSocket, which is not refused here, is refused there.
"""
_LONGEST_IDLE_SECONDS = 30
_YOUNG_OBJECTS = 10_000
"""Python's own 700 is less than one answer of fifty slots makes: 156 collections, almost all of them in vain, for 480
such answers, and none with this, which saves a twentieth of their time. What leaks in circles is still found soon."""


@dataclass(frozen=True, slots=True)
class Served:
    """One app and the socket it is served on; the socket is already bound, so a port conflict is known at once."""

    app: ASGIApp
    listener: socket.socket
    drain_seconds: int = DRAIN_SECONDS
    notice_seconds: float = 0.0
    """Between saying `not ready` and accepting no more connections."""
    trusted_proxies: str = ""
    """Addresses whose `X-Forwarded-*` headers are believed, comma-separated; empty believes nobody."""
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    """The one the app was built with."""


def allow_many_connections() -> None:
    """Raise this process's own limit of open files as far as it may: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + 1_000
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


async def serve(
    apps: list[Served],
    *,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    handed_over: Callable[[], bool] = lambda: False,
) -> None:
    """Serve every app until `stop` is set or one of them ends, then drain them all, the first one first.

    Args:
        apps: What to serve; what was built for them is never looked at by the garbage collector again.
        stop: Set by whoever ends the process.
        ready: Called once, when all of them serve.
        handed_over: Asked when `stop` is set: does another process accept on the same listeners already?

    Raises:
        StartFailed: An app did not start; its own log line says why.
    """
    servers = [server_of(one) for one in apps]
    gc.disable()  # a start throws nearly nothing away; looking for it took a third of the time
    running: list[asyncio.Task[None]] = [
        asyncio.create_task(server.serve(sockets=[one.listener])) for server, one in zip(servers, apps, strict=True)
    ]
    started = asyncio.create_task(_all_ready(servers))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({*running, started, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            _spare_the_collector()
            ready()
            await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gc.enable()
        started.cancel()
        stopped.cancel()
        for one, server, task in zip(apps, servers, running, strict=True):
            if server.ready.is_set() and not task.done():
                await server.drain(notice_seconds=one.notice_seconds, handed_over=handed_over())
            elif not task.done():
                task.cancel()
            await asyncio.wait({task})
    for task in running:
        if not task.cancelled():
            task.result()


def _spare_the_collector() -> None:
    """Let the garbage collector forget what the start built, and look at young objects less often."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])


async def _all_ready(servers: list[Server]) -> None:
    for server in servers:
        await server.ready.wait()


def server_of(served: Served) -> Server:
    """Return the server of one app, set up as the product's are."""
    config = uvicorn.Config(
        served.app,
        loop="none",
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=200_000,
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(served.trusted_proxies),
        forwarded_allow_ips=served.trusted_proxies,
        timeout_graceful_shutdown=served.drain_seconds,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_LONGEST_IDLE_SECONDS,
        backlog=BACKLOG,
    )
    return Server(config, served.lifecycle)
