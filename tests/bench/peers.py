"""What our endpoint is measured beside: REST over the same services, and the bare server; each its own process."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import orjson
import uvloop
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.booking.values import SlotCriteria
from backend.clock import system_clock
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.bootstrap import Parts, build_parts
from backend.entrypoints.development import completed
from backend.entrypoints.logs import configure_logging
from backend.entrypoints.serving import Served, bind, serve
from backend.settings import Settings
from graphql_schema.negotiation import choose_language
from identity.principal import Principal
from tests.bench.rest import RestFacts


def create_rest(settings: Settings) -> Starlette:
    """Build the REST peer: the same services, tokens, log line and JSON encoder as our endpoint, no GraphQL."""
    parts = build_parts(settings, system_clock)
    facts = RestFacts(parts.services, system_clock)

    async def home(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language"))
        return _json(await facts.home(_actor(request, parts), language, appointments=5, messages=10))

    async def slots(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language"))
        actor, asked = _actor(request, parts), request.query_params
        return _json(await facts.slots(actor, language, criteria=_criteria(request), first=int(asked["first"])))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await parts.close()

    routes = [Route("/home", home), Route("/slots", slots)]
    return Starlette(routes=routes, middleware=[Middleware(AccessLog)], lifespan=lifespan)


def create_floor(bodies: dict[str, bytes]) -> ASGIApp:
    """Build the bare server: a prebuilt body by path, nothing read but the request itself."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("nothing to start")  # ASGI: an app without a lifespan raises
        while (await receive()).get("more_body", False):
            pass
        body = bodies[scope["path"]]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _actor(request: Request, parts: Parts) -> Principal:
    return parts.tokens.verify(request.headers["authorization"].removeprefix("Bearer "))


def _criteria(request: Request) -> SlotCriteria:
    asked = request.query_params
    return SlotCriteria(
        specialty_code=asked["specialty"],
        town=asked.get("town"),
        starts_from=datetime.fromisoformat(asked["from"]),
    )


def _json(facts: Any) -> Response:
    return Response(orjson.dumps(facts), media_type="application/json")


def main() -> None:
    """Serve a peer until SIGTERM: `rest <port>`, or `floor <port> <path>=<bytes>…`."""
    kind, port, *sizes = sys.argv[1:]
    configure_logging(as_json=True)
    if kind == "rest":
        app: ASGIApp = create_rest(completed(Settings(), system_clock))
    else:
        app = create_floor({path: b"x" * int(size) for path, _, size in (one.partition("=") for one in sizes)})
    listener = bind("127.0.0.1", int(port), variable="the port")

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    async def until_signal() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await serve([Served(app, listener, drain_seconds=1)], stop=stop, ready=ready)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_signal())


if __name__ == "__main__":
    main()
