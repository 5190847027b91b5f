"""`python -m tests.bench.peers <kind> <port> …`: serve one peer on 127.0.0.1 until SIGTERM."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping

import uvloop
from starlette.types import ASGIApp

from backend.clock import system_clock
from backend.entrypoints.bootstrap import Parts, build_parts
from backend.entrypoints.development import completed
from backend.entrypoints.listening import bind
from backend.entrypoints.logs import configure_logging
from backend.entrypoints.serving import Served, allow_many_connections, serve
from backend.settings import Settings
from tests.bench.peers.bare import create_bare, create_loaders, create_screen
from tests.bench.peers.floor import create_floor
from tests.bench.peers.rest import create_rest
from tests.bench.peers.stock import create_orm, create_stock, create_stock_screen
from tests.bench.peers.ticker import create_ticker

KINDS: Mapping[str, Callable[[Parts], ASGIApp]] = {
    "rest": create_rest,
    "rest-bare": lambda parts: create_rest(parts, bare=True),
    "graphql-bare": create_bare,
    "graphql-careful": lambda parts: create_bare(parts, speculates=False),
    "loaders": create_loaders,
    "screen": create_screen,
    "strawberry-screen": create_stock_screen,
    "strawberry": create_stock,
    "strawberry-cached": lambda parts: create_stock(parts, cached=True),
    "orm": create_orm,
}
"""Those over the services of a database; `floor` and `ticker` need none."""


def main() -> None:
    """Serve a peer until SIGTERM; `floor` takes `<path>=<bytes>…` too."""
    kind, port, *sizes = sys.argv[1:]
    configure_logging(as_json=True)
    allow_many_connections()
    listener = bind("127.0.0.1", int(port), variable="the port")

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    async def until_signal() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await serve([Served(_app(kind, sizes), listener, drain_seconds=1)], stop=stop, ready=ready)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_signal())


def _app(kind: str, sizes: list[str]) -> ASGIApp:
    if kind == "floor":
        return create_floor({path: b"x" * int(size) for path, _, size in (one.partition("=") for one in sizes)})
    if kind == "ticker":
        return create_ticker()
    return KINDS[kind](build_parts(completed(Settings(), system_clock), system_clock))


if __name__ == "__main__":
    main()
