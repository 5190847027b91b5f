"""What the streaming transports ask for: one answer, or a watch on a subscription that is shared through the hub."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from graphql import OperationType

from backend.clock import Clock
from backend.settings import GraphQLSettings
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.engine import Answer, Caller, Engine, too_late
from graphql_schema.events import Event, Watch
from graphql_schema.faults import RequestRefused
from graphql_schema.hub import Hub
from graphql_schema.preparation import PreparedOperation


class Streams:
    """Operations over SSE and WebSocket: each is paid by its caller, subscriptions are computed once for many."""

    def __init__(
        self, engine: Engine, *, clock: Clock, limits: GraphQLSettings, follow: Follow = follow_nobody
    ) -> None:
        """Join the engine and a hub of its own."""
        self._engine = engine
        deadline_seconds = limits.deadline_seconds
        self.hub = Hub(_Source(engine, limits), clock=clock, deadline_seconds=deadline_seconds, follow=follow)

    async def start(self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller) -> Event | Watch:
        """Pay and run an operation.

        Returns:
            The one answer of a query or mutation, or of what was refused; for a subscription a watch, to be closed.
        """
        if operation.kind is not OperationType.SUBSCRIPTION:
            return event_of(await self._engine.execute(operation, variables, caller))
        try:
            await self._engine.charge(operation, variables, caller)
        except RequestRefused as refusal:
            return event_of(self._engine.refuse(refusal, caller))
        except Exception as error:  # the boundary: logged and masked
            return event_of(self._engine.mask(error, caller))
        return self.hub.stream(operation, variables, caller)

    def refuse(self, refusal: RequestRefused, caller: Caller) -> Event:
        """Present the refusal of an operation that was not started."""
        return event_of(self._engine.refuse(refusal, caller))


class _Source:
    """The engine as the hub sees it."""

    def __init__(self, engine: Engine, limits: GraphQLSettings) -> None:
        self._engine = engine
        self._limits = limits

    async def open(
        self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller
    ) -> AsyncGenerator[Event, None]:
        async with aclosing(self._engine.events(operation, variables, caller)) as answers:
            async for answer in answers:
                yield event_of(answer)

    def too_late(self, caller: Caller) -> Event:
        return event_of(self._engine.refuse(too_late(self._limits.deadline_seconds), caller))

    def failed(self, error: Exception, caller: Caller) -> Event:
        return event_of(self._engine.mask(error, caller))


def event_of(answer: Answer) -> Event:
    """Make the event of an answer: its bytes are taken as they are."""
    errors = orjson.dumps(answer.errors) if answer.refusal is not None else b"[]"
    return Event(payload=answer.body, data=answer.data, errors=errors, refusal=answer.refusal)
