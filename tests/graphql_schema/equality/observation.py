"""Lets an executor run a case and writes down everything that can be seen of it from outside."""

import asyncio
import gc
import importlib
import inspect
import warnings
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pkgutil import iter_modules
from typing import Any

from graphql import ExecutionResult, GraphQLError

from graphql_schema import compiled
from tests.graphql_schema.equality.doors import Door, Request
from tests.graphql_schema.equality.plans import Run, steady, without_addresses

Answer = tuple[str, tuple[Hashable, ...] | None, str]  # data, errors, extensions
_MOST_EVENTS = 10
_MOST_TICKS = 60


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one execution.

    `answers` is one `(data, errors)` for a query or a mutation, one for each event of a subscription; `ending` says
    how the execution came back and ended; `events` are the calls of resolvers in order; `orphans` are coroutines
    that nobody awaited, `complaints` what the event loop had to say, `pending` the number of tasks left behind.
    """

    answers: tuple[Answer, ...]
    ending: tuple[Hashable, ...]
    events: tuple[Hashable, ...]
    orphans: tuple[str, ...]
    complaints: tuple[str, ...]
    pending: int


def _error(error: GraphQLError) -> Hashable:
    original = error.original_error
    return (
        without_addresses(error.message),
        repr(error.path),
        repr([location.formatted for location in error.locations or []]),
        steady(error.extensions),
        type(original).__name__,
        without_addresses(str(original)),
        len(error.nodes or ()),
        steady(error.formatted),
    )


def answer_of(result: ExecutionResult) -> Answer:
    """Return what a result holds, in a form that compares: keys in their order, numbers with their types."""
    errors = None if result.errors is None else tuple(map(_error, result.errors))
    return steady(result.data), errors, repr(result.extensions)


async def _through(door: Door, request: Request, *, subscription: bool) -> tuple[list[Answer], list[Hashable]]:
    answers: list[Answer] = []
    ending: list[Hashable] = []
    try:
        result = (door.subscribe if subscription else door.execute)(request)
        if inspect.isawaitable(result):
            ending.append("awaited")
            result = await result
        if isinstance(result, ExecutionResult):
            answers.append(answer_of(result))
        else:
            ending.append("stream")
            async for event in result:
                answers.append(answer_of(event))
                if len(answers) == _MOST_EVENTS:
                    break
            await result.aclose()
    except (Exception, asyncio.CancelledError) as error:
        ending.append(("raised", type(error).__name__, without_addresses(str(error))))
    return answers, ending


@contextmanager
def _warnings_heard() -> Iterator[list[str]]:
    """Write down the words of all warnings.

    Python's own recorder keeps the coroutine that a warning is about, and with it those that hang on its frame: they
    would be reported only when the recorder goes, too late to be counted.
    """
    words: list[str] = []

    def hear(message: Warning | str, *_: object, **__: object) -> None:
        words.append(without_addresses(str(message)))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = hear
        yield words


async def _settled() -> int:
    """Let the work left in the background end; return how many tasks did not."""
    others: set[asyncio.Task[Any]] = set()
    for _ in range(_MOST_TICKS):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if not others:
            await asyncio.sleep(0)  # the last ones' ends are still to be told, to whom would hold them until then
            await asyncio.sleep(0)
            return 0
        await asyncio.sleep(0)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return len(others)


class Observer:
    """Runs executions on one event loop; closing it closes the loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._complaints: list[str] = []
        self._runner.get_loop().set_exception_handler(self._complain)

    def _complain(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._complaints.append(f"{context.get('message')}: {type(context.get('exception')).__name__}")

    def close(self) -> None:
        """Close the event loop."""
        self._runner.close()

    def observe(self, door: Door, request: Request, run: Run, *, subscription: bool) -> Observation:
        """Run a request through a door; the context of the request is the run."""
        self._complaints.clear()
        gc.disable()  # so that what the execution leaves behind is found by one short collection, and at once
        with _warnings_heard() as warned:
            answers, ending, pending = self._runner.run(self._observe(door, request, run, subscription))
            gc.collect(1)
        gc.enable()
        orphans = sorted(map(_kind_of_orphan, warned))
        return Observation(
            tuple(answers), tuple(ending), tuple(run.events), tuple(orphans), tuple(sorted(self._complaints)), pending
        )

    async def _observe(
        self, door: Door, request: Request, run: Run, subscription: bool
    ) -> tuple[list[Answer], list[Hashable], int]:
        answers, ending = await _through(door, request, subscription=subscription)
        pending = await _settled()
        for future in run.futures:  # what nobody took is no complaint of the executor's
            if future.done() and not future.cancelled():
                future.exception()
        run.futures.clear()  # what they still hold is an orphan of this execution, not of a later one
        return answers, ending, pending


def _functions_of_ours() -> frozenset[str]:
    """Return the names of all functions of the compiler's modules."""
    modules = [importlib.import_module(f"{compiled.__name__}.{one.name}") for one in iter_modules(compiled.__path__)]
    return frozenset(name for module in modules for name, _ in inspect.getmembers(module, inspect.isfunction))


_OURS = _functions_of_ours()


_RESOLVERS = ("GraphQLCoreConverter.from_resolver.", "convert_later.", "Query.", "Mutation.", "Visit.")
"""How the names of a resolver's coroutine begin: Strawberry's around the user's function, ours, and the function's own
(`strawberry_world`), which compiled code calls directly."""


def _kind_of_orphan(warning: str) -> str:
    """Give one name to what graphql-core calls otherwise than we do: the executor's own coroutines, and resolvers."""
    name = warning.split("'")[1] if "'" in warning else ""
    if name.startswith(_RESOLVERS):
        return "a coroutine of a resolver was never awaited"
    is_machinery = name.startswith("Executor.") or name.split(".", 1)[0] in _OURS
    return "a coroutine of the executor was never awaited" if is_machinery else warning


def differences(expected: Observation, actual: Observation) -> list[str]:
    """Return in words what differs between two observations; an orphan or a complaint less is no difference."""
    found = []
    for name in (one.name for one in fields(Observation)):
        left, right = getattr(expected, name), getattr(actual, name)
        if name in {"orphans", "complaints"}:
            if more := _surplus(left, right):
                found.append(f"{name}: only under test: {more}")
        elif name == "pending":
            if right > left:
                found.append(f"pending: {right} tasks were left, graphql-core leaves {left}")
        elif left != right:
            found.append(f"{name}:\n  graphql-core: {left}\n  under test:   {right}")
    return found


def _surplus(expected: tuple[str, ...], actual: tuple[str, ...]) -> list[str]:
    rest = list(expected)
    more = []
    for one in actual:
        if one in rest:
            rest.remove(one)
        else:
            more.append(one)
    return more
