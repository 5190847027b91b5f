"""Cold start, memory, what compiling an operation costs, and what is done around every answer."""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from uuid import uuid4

import orjson
from graphql import DocumentNode, parse

from backend.clock import system_clock
from backend.entrypoints.bootstrap import open_parts
from backend.entrypoints.development import completed
from backend.settings import Settings
from graphql_schema.compiled.codes import forget_codes
from graphql_schema.compiled.operations import OperationCompiler
from graphql_schema.execution import LEFT_TO_ENCODER
from graphql_schema.schema import build_schema
from identity.access import Action
from identity.principal import Principal, SessionId
from mobile_contracts.manifest import active_operations
from tests.bench.contests import Server
from tests.bench.measure import Say
from tests.bench.processes import BenchmarkFailed, resident_megabytes, started_on
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.bench.works import Asked, Client, facts_of

STARTS = 3
_COMPILES, _SLOWEST = 9, 3
_CHECKED = 5_000
RIGHTS_OF_HOME = (
    Action.READ_PROFILE,
    Action.READ_PROFILE,
    Action.READ_POLICY,
    Action.READ_APPOINTMENTS,
    Action.READ_INBOX,
    Action.READ_INBOX,
)
"""The viewer and each section of the home screen ask for a right once."""


def measure_cold(stage: Stage, results: Results, say: Say) -> None:
    """Measure from the start of `zdorovye serve` to its first right home screen, and the memory it keeps then."""
    request = stage.requests(Server.GRAPHQL, "home")[0]
    seconds, megabytes = [], []
    for number in range(1, STARTS + 1):
        began = time.perf_counter()
        with stage.started(Server.GRAPHQL) as served, Client() as client:
            facts_of(Asked.TRUSTED, client.ask(served.port, request))
            seconds.append(time.perf_counter() - began)
            megabytes.append(resident_megabytes(served.process_id))
        say(f"cold start {number}/{STARTS}: {seconds[-1]:.2f} s, {megabytes[-1]:.0f} MiB")
    results.figures["cold start s"] = round(median(seconds), 2)
    results.figures["memory after start MiB"] = round(median(megabytes), 1)
    served = stage.serve(Server.GRAPHQL)
    results.figures["memory of the loaded server MiB"] = round(resident_megabytes(served.process_id), 1)


def measure_compile(stage: Stage, results: Results, say: Say) -> None:
    """Measure the compilation of each operation by itself, and of all as a server does at its start, in this process.

    By itself an operation shares nothing with others; at a start equal functions are compiled once. The slowest are
    compiled without speculation, too, as all were before 2026-11-30.
    """
    schema = build_schema()._schema  # Strawberry has no public name for it
    documents = [(operation.name, parse(operation.body)) for operation in active_operations().values()]

    def compile_anew(*chosen: DocumentNode, speculates: bool = True) -> None:
        forget_codes()
        compiler = OperationCompiler(schema, left_to_encoder=LEFT_TO_ENCODER, speculates=speculates)
        for document in chosen:
            compiler.compile(document)

    with started_on(stage.cores.server):
        found = _medians_ms([(name, partial(compile_anew, document)) for name, document in documents])
        slowest = sorted(found, key=lambda name: found[name])[-_SLOWEST:]
        everything = "a start", partial(compile_anew, *(document for _, document in documents))
        careful = [
            (name, partial(compile_anew, document, speculates=False)) for name, document in documents if name in slowest
        ]
        others = _medians_ms([everything, *careful])
    whole = others.pop("a start")
    results.figures |= {f"compile {name} ms": milliseconds for name, milliseconds in found.items()}
    results.figures |= {f"without speculation {name} compiles in ms": figure for name, figure in others.items()}
    results.figures[f"a start compiles {len(documents)} operations in ms"] = whole
    say(f"the slowest operation compiles in {max(found.values()):.2f} ms, all at a start in {whole:.0f} ms")


def _medians_ms(works: Sequence[tuple[str, Callable[[], None]]]) -> dict[str, float]:
    """Do all works in turn, some rounds long, and return the median of each; the dearest of those with one name.

    So a slow spell of the machine falls on one round of many works instead of on all of one. No garbage is collected
    but between the rounds, as while a server starts.
    """
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(_COMPILES):
        gc.collect()
        gc.disable()
        for (_, work), taken in zip(works, seconds, strict=True):
            taken.append(timed(work))
        gc.enable()
    found: dict[str, float] = {}
    for (name, _), taken in zip(works, seconds, strict=True):  # apps may have different operations of one name
        found[name] = max(found.get(name, 0), round(median(taken) * 1e3, 3))
    return found


def measure_toll(stage: Stage, results: Results, say: Say) -> None:
    """Measure what is done around a home screen: access checks, cost limit, log line and trace.

    Raises:
        BenchmarkFailed: An answer is wrong.
    """
    request = stage.requests(Server.GRAPHQL, "home")[0]
    with Client() as client:
        body = client.ask(stage.serve(Server.GRAPHQL).port, request)
    facts_of(Asked.TRUSTED, body)
    file = stage.folder / "home.json"
    file.write_bytes(body)
    with started_on(stage.cores.server):
        done = subprocess.run(  # noqa: S603 # our own words
            [sys.executable, "-m", "tests.bench.toll", str(file)], capture_output=True, timeout=60, check=False
        )
    if done.returncode != 0:
        raise BenchmarkFailed(f"the toll could not be measured: {done.stderr.decode()[-1500:]}")
    actor = stage.region.actor
    found = {"access checks": _checks_of_home([actor] * _CHECKED), **orjson.loads(done.stdout)}
    for name, milliseconds in found.items():
        results.figures[f"toll {name} ms"] = round(milliseconds, 5)
    new = _checks_of_home([replace(actor, session_id=SessionId(uuid4())) for _ in range(_CHECKED)])
    results.figures["rights of a new session ms"] = round(new, 5)
    say("toll of a home screen: " + ", ".join(f"{name} {one * 1e3:.1f} us" for name, one in found.items()))


def _checks_of_home(actors: Sequence[Principal]) -> float:
    """Return the CPU milliseconds of the rights of a home screen, for each of them; one entry a session is written."""

    async def many() -> float:
        async with open_parts(completed(Settings(), system_clock), system_clock) as parts:
            await parts.own_accesses.flush(parts.database.transaction)  # opens the connection
            began = time.process_time()
            for actor in actors:
                for action in RIGHTS_OF_HOME:
                    await parts.access.admit(actor, action, actor.person_id)
            await parts.own_accesses.flush(parts.database.transaction)
            return time.process_time() - began

    return asyncio.run(many()) / len(actors) * 1e3


def timed(work: Callable[[], None]) -> float:
    """Return the CPU seconds that this process needs for one piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began
