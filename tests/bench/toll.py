"""What is done around every answer: the cost limit, the log line and the trace, each measured by itself.

`python -m tests.bench.toll <file>` prints one JSON line of CPU milliseconds a request; the file holds an answer of the
home screen as the product sent it. A difference of two servers under load would hide these in its own spread.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.clock import system_clock
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.logs import configure_logging
from backend.settings import GraphQLSettings
from graphql_schema.budget import MemoryCostBudget
from graphql_schema.encoding import count_fields, encode_body
from graphql_schema.execution import Runners
from graphql_schema.negotiation import trace_id
from graphql_schema.preparation import Preparation, check_cost
from graphql_schema.schema import build_schema
from mobile_contracts.manifest import active_operations

_TIMES, _ROUNDS = 1_000, 9
_TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_SCOPE = {"type": "http", "method": "POST", "path": "/graphql", "endpoint": None}
_OWN_EXTENSIONS = frozenset({"traceId", "serverTime"})

Once = Callable[[], Awaitable[object]]


def cost_limit(answer: bytes) -> Once:
    """Return what is done for the cost of one home screen: it is foreseen, taken, counted, given back and told."""
    schema = build_schema()
    core = schema._schema  # Strawberry has no public name for it
    limits = GraphQLSettings()
    preparation = Preparation(core, limits, Runners(core, executor=schema.execution_context_class), open_schema=False)
    text = next(one.body for one in active_operations().values() if one.name == "HomeScreen")
    operation = preparation.prepare(text, compiled=True).choose(None)
    budget = MemoryCostBudget(cost_per_minute=1_000_000_000, clock=system_clock)
    data = orjson.loads(answer)["data"]
    told = orjson.loads(answer)["extensions"]["cost"]

    async def once() -> None:
        cost = check_cost(operation, {}, limits)
        await budget.spend("person", cost)
        await budget.give_back("person", max(0, cost - count_fields(data)))
        orjson.dumps(told)

    return once


def trace(answer: bytes) -> Once:
    """Return what is done so that an answer can be found again: its trace id and time, read and told."""
    extensions = {name: one for name, one in orjson.loads(answer)["extensions"].items() if name in _OWN_EXTENSIONS}

    async def once() -> None:
        told = extensions | {"traceId": trace_id(_TRACEPARENT), "serverTime": system_clock().isoformat()}
        encode_body(data=None, errors=None, extensions=told)

    return once


def through(app: ASGIApp) -> Once:
    """Return one request through an application."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        return

    return lambda: app(dict(_SCOPE), receive, send)


async def nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer at once."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def milliseconds(once: Once) -> float:
    """Return the CPU time of one, the median of rounds of many."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(_TIMES):
            await once()
        rounds.append((time.process_time() - began) / _TIMES * 1e3)
    return median(rounds)


async def measured(answer: bytes) -> dict[str, float]:
    """Measure all of them; the log line is what a request with it costs more than one without."""
    logged, bare = await milliseconds(through(AccessLog(nothing))), await milliseconds(through(nothing))
    return {
        "cost limit": await milliseconds(cost_limit(answer)),
        "log line": logged - bare,
        "trace": await milliseconds(trace(answer)),
    }


def main() -> None:
    """Measure and print."""
    answer = Path(sys.argv[1]).read_bytes()
    with Path(os.devnull).open("w") as nowhere:
        configure_logging(as_json=True, stream=nowhere)
        found = asyncio.run(measured(answer))
    sys.stdout.write(f"{orjson.dumps(found).decode()}\n")


if __name__ == "__main__":
    main()
