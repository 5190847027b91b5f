"""One source of events and everybody who watches it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from backend.clock import Clock
from graphql_schema.engine import Caller
from graphql_schema.events import Event, Watch
from graphql_schema.negotiation import trace_id
from graphql_schema.preparation import PreparedOperation


class EventSource(Protocol):
    """What computes events; the hub decides for whom and how often."""

    def open(
        self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller
    ) -> AsyncGenerator[Event, None]:
        """Open a subscription: its first event is the present state, read after the opening, and each later one too.

        It checks access at each event, and does not look at the expiry of the caller. A refusal is its last event.
        """

    def too_late(self, caller: Caller) -> Event:
        """Return the refusal for a first event that did not come in time."""

    def failed(self, error: Exception, caller: Caller) -> Event:
        """Log a bug of the source and return its mask."""


class Group:
    """Watchers who see the same.

    A newcomer is served by a source that was opened after it came, never by a payload that lies ready: only so is its
    first event no older than its request, also where the change was made in another worker. Those who come while one is
    being opened share the next one, so a crowd costs two openings and not one each. The newly opened source replaces
    the former one; those who were there before get its first event only if it brings something new.
    """

    def __init__(
        self,
        source: EventSource,
        operation: PreparedOperation,
        variables: Mapping[str, Any],
        *,
        clock: Clock,
        deadline_seconds: float,
        on_end: Callable[["Group"], None],
    ) -> None:
        """Begin with nobody; `on_end` is called once the last watcher is gone, and nobody may join any more."""
        self._source = source
        self._operation = operation
        self._variables = variables
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._on_end = on_end
        self._trace_id = trace_id(None)
        self._waiting: set[Watch] = set()
        self._joining: set[Watch] = set()
        self._served: set[Watch] = set()
        self._latest: bytes | None = None
        self._caller: Caller | None = None
        self._opening: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Count the watchers."""
        return len(self._waiting) + len(self._joining) + len(self._served)

    def __iter__(self) -> Iterator[Watch]:
        """Yield the watchers; none may join or leave meanwhile."""
        yield from self._waiting
        yield from self._joining
        yield from self._served

    def join(self, watch: Watch, caller: Caller) -> None:
        """Let a watcher in; it gets the present state first.

        What is shared names nobody's request: the trace is the group's own, and there is no address.
        """
        self._caller = replace(caller, address="", trace_id=self._trace_id)
        self._waiting.add(watch)
        if self._opening is None:
            self._opening = asyncio.create_task(self._open(self._caller))

    def leave(self, watch: Watch) -> None:
        """Let a watcher out; with the last one the source is closed."""
        for watches in (self._waiting, self._joining, self._served):
            watches.discard(watch)
        self._end_if_empty()

    def _end_if_empty(self) -> None:
        if len(self):
            return
        for task in (self._opening, self._following):
            self._end_task(task)
        self._on_end(self)

    def _end_task(self, task: asyncio.Task[None] | None) -> None:
        """Cancel without waiting: a source that is slow to close holds nobody."""
        if task is not None and task is not asyncio.current_task():
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()

    async def _open(self, caller: Caller) -> None:
        """Open a source for those who wait, and again for those who came meanwhile."""
        while self._waiting:
            self._joining, self._waiting = self._waiting, set()
            events = self._source.open(self._operation, self._variables, self._caller or caller)
            try:
                first = await self._first(events, self._caller or caller)
            except asyncio.CancelledError:
                await self._close(events, caller)
                raise
            if first is None or first.refusal is not None:
                await self._close(events, caller)
                self._turn_away(first)
            else:
                self._follow(events, first, self._caller or caller)
        self._opening = None
        self._end_if_empty()

    async def _close(self, events: AsyncGenerator[Event, None], caller: Caller) -> None:
        try:
            await events.aclose()
        except Exception as error:  # the boundary: a source that cannot be closed hurts nobody
            self._source.failed(error, caller)

    async def _first(self, events: AsyncGenerator[Event, None], caller: Caller) -> Event | None:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await anext(events, None)
        except TimeoutError:
            return self._source.too_late(caller)
        except Exception as error:  # the boundary: logged and masked
            return self._source.failed(error, caller)

    def _turn_away(self, event: Event | None) -> None:
        """End those who came for a source that could not be opened; those with a former one keep it."""
        joining, self._joining = self._joining, set()
        _end_all(joining, event)

    def _follow(self, events: AsyncGenerator[Event, None], first: Event, caller: Caller) -> None:
        """Serve everybody from the new source; the former one is closed and shows nothing more."""
        self._end_task(self._following)
        is_news = first.data != self._latest
        self._latest = first.data
        for watch in (self._joining | self._served) if is_news else self._joining:
            watch.put(first)
        self._served |= self._joining
        self._joining = set()
        self._following = asyncio.create_task(self._pass_on(events, caller))

    async def _pass_on(self, events: AsyncGenerator[Event, None], caller: Caller) -> None:
        last: Event | None = None
        try:
            async with aclosing(events):
                async for event in events:
                    if self._following is not asyncio.current_task():
                        return
                    if event.refusal is not None:
                        last = event
                        break
                    self._latest = event.data
                    now = self._clock()
                    for watch in self._served:
                        watch.put(event, now)
                    await asyncio.sleep(0)  # those who are ready take it, also when the next one is there already
        except Exception as error:  # the boundary: logged and masked
            last = self._source.failed(error, caller)
        if self._following is not asyncio.current_task():
            return
        served, self._served = self._served, set()
        self._following = self._latest = None
        _end_all(served, last)
        self._end_if_empty()


def _end_all(watches: set[Watch], event: Event | None) -> None:
    for watch in watches:
        if event is not None:
            watch.put(event)
        watch.end()
