"""Serve an ASGI app over a real loopback socket inside the test's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp

from backend.entrypoints.frames import WebSocketProtocol
from backend.entrypoints.http_connection import HttpProtocol
from backend.entrypoints.server import Server
from tests.plugins.overheard import overhearing


class _Server(Server):
    """The product's server, but it ends at once when told: a test need not wait for the next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        """Tick as the original does (it dates the answers), but end at once when told."""
        counter = 0
        while not self.stopping.is_set():
            await self.on_tick(counter)
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 0.1)


def free_listener() -> tuple[socket.socket, str]:
    """Return a bound loopback socket and its base URL, for an app that must know its own address.

    The caller hands the socket to `serving`, which closes it.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp,
    *,
    listener: socket.socket | None = None,
    ws: type[asyncio.Protocol] = WebSocketProtocol,
    http: type[asyncio.Protocol] = HttpProtocol,
) -> AsyncIterator[str]:
    """Serve `app`, its lifespan included, on a free loopback port.

    Args:
        app: Any ASGI application.
        listener: A socket of `free_listener`; by default a new one.
        ws: Who speaks WebSocket; by default the product's own protocol.
        http: Who speaks HTTP; by default the product's own protocol.

    Returns:
        The base URL, without a slash at the end.

    Raises:
        RuntimeError: The app's lifespan failed to start.
    """
    listener = listener or free_listener()[0]
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = _Server(
        uvicorn.Config(
            overhearing(app),
            ws=ws,
            http=http,
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,  # as the product; with uvicorn's 5 s, as long as our client's, both may end at once
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    try:
        if running.done() or server.should_exit:
            await running
            raise RuntimeError("the app did not start")
        yield base_url
    finally:
        server.stopping.set()
        await running
        listener.close()
