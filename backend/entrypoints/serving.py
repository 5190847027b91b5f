"""Runs HTTP servers in one process: the application, and in development the simulators beside it."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

DRAIN_SECONDS = 12
"""How long open requests may take after SIGTERM; with what closing takes it stays below 15 s (R63)."""

_BACKLOG = 2_048


class PortTaken(Exception):
    """Another program listens there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Served:
    """One app and the socket it is served on; the socket is already bound, so a port conflict is known at once."""

    app: ASGIApp
    listener: socket.socket
    drain_seconds: int = DRAIN_SECONDS
    trusted_proxies: str = ""
    """Addresses whose `X-Forwarded-*` headers are believed, comma-separated; empty believes nobody."""


class Server(uvicorn.Server):
    """A server that tells when it is ready and leaves the signals to `serve`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int, *, variable: str) -> socket.socket:
    """Return a listening socket: only that claims the port, while another program may still bind it too.

    Args:
        host: An IPv4 or IPv6 address, or a name.
        port: 0 lets the system choose.
        variable: The setting that moves it, for the error.

    Raises:
        PortTaken: Another program has it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} on {host} is taken or not allowed: set {variable} to another one") from error
    return listener


async def serve(apps: list[Served], *, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Serve every app until `stop` is set or one of them ends, then drain them all, the first one first.

    Raises:
        RuntimeError: An app did not start; its own log line says why.
    """
    servers = [_server(one) for one in apps]
    running: list[asyncio.Task[object]] = [
        asyncio.create_task(server.serve(sockets=[one.listener])) for server, one in zip(servers, apps, strict=True)
    ]
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    started: asyncio.Task[object] = asyncio.create_task(_all_ready(servers))
    await asyncio.wait({*running, started, stopped}, return_when=asyncio.FIRST_COMPLETED)
    failed = not started.done() and not stopped.done()
    if started.done():
        ready()
        await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for server, task in zip(servers, running, strict=True):
        server.should_exit = True
        await task
    started.cancel()
    stopped.cancel()
    if failed:
        raise RuntimeError("an application did not start")


async def _all_ready(servers: list[Server]) -> None:
    for server in servers:
        await server.ready.wait()


def _server(served: Served) -> Server:
    return Server(
        uvicorn.Config(
            served.app,
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=200_000,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(served.trusted_proxies),
            forwarded_allow_ips=served.trusted_proxies,
            timeout_graceful_shutdown=served.drain_seconds,
            limit_concurrency=1_000,
            timeout_keep_alive=30,
        )
    )
