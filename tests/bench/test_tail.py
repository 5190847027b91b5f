"""The load that is sent evenly, and how its tail is judged."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.bench.paced import PacedLoad
from tests.bench.report import Paced
from tests.bench.results import Results
from tests.bench.tail import keep
from tests.bench.targets import tail

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":{}}'
FAILED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}"
WITH_ERRORS = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"errors":[]}'
Answers = Callable[[int], bytes | None]
"""What the nth request is answered; None ends its connection."""


@asynccontextmanager
async def _server(answers: Answers) -> AsyncIterator[int]:
    asked = 0
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        serving.add(asyncio.current_task())
        while await reader.read(len(REQUEST)):
            asked += 1
            if (answer := answers(asked)) is None:
                break
            half = len(answer) // 2
            writer.write(answer[:half])
            await asyncio.sleep(0)  # an answer comes in pieces
            writer.write(answer[half:])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*filter(None, serving))
    finally:
        server.close()
        await server.wait_closed()


async def _load(answers: Answers) -> PacedLoad:
    async with _server(answers) as port:
        load = PacedLoad([REQUEST], port=port, per_second=400, warm_up_seconds=0)
        await load.run(seconds=0.25, connections=4)
    return load


async def test_every_request_that_was_due_is_sent_and_answered() -> None:
    load = await _load(lambda _: GOOD)
    assert (len(load.latencies_ms), load.failures) == (100, 0)
    assert all(one > 0 for one in load.latencies_ms)


@pytest.mark.parametrize("answer", [FAILED, WITH_ERRORS])
async def test_wrong_answers_are_failures(answer: bytes) -> None:
    load = await _load(lambda asked: answer if asked % 10 == 0 else GOOD)
    assert (len(load.latencies_ms), load.failures) == (100, 10)


async def test_a_request_whose_connection_ends_is_a_failure_and_the_others_are_answered() -> None:
    load = await _load(lambda asked: None if asked == 50 else GOOD)
    assert (len(load.latencies_ms), load.failures) == (99, 1)


async def test_when_no_connection_is_left_what_is_due_fails() -> None:
    load = await _load(lambda asked: None if asked > 10 else GOOD)
    assert (len(load.latencies_ms), load.failures) == (10, 90)


def _results(home: Paced, **others: Paced) -> Results:
    results = Results()
    for name, one in {"paced home": home, **others}.items():
        keep(name, [one], results)
    return results


def test_a_tail_is_judged_by_the_median_round() -> None:
    results = Results()
    assert tail(results) == ("", None)
    keep("paced home", [Paced(700, 1.0, p99, 9.0) for p99 in (90.0, 2.0, 3.5)], results)
    assert tail(results) == ("3.5 x (3.50 of 1.00 ms)", True)
    assert tail(_results(Paced(700, 1.0, 4.1, 9.0)))[1] is False


def test_a_server_that_does_not_keep_up_has_no_short_tail() -> None:
    """Where every request waits for hundreds of others, p99 is near p50."""
    queue = Paced(700, 200.0, 300.0, 9.0)
    assert math.isinf(queue.tail)
    assert tail(_results(queue)) == ("a queue (300.00 of 200.00 ms)", False)
    results = Results()
    keep("paced home", [queue, queue, Paced(700, 1.0, 2.0, 9.0)], results)
    assert tail(results)[1] is False
