"""A hub over a source whose state is a number a person, and which counts what it is asked."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from backend.clock import SettableClock
from graphql_schema.catalogue import Language
from graphql_schema.engine import Caller
from graphql_schema.events import Event, Watch
from graphql_schema.faults import refused
from graphql_schema.hub import Hub, Scope, access_scope
from graphql_schema.preparation import PreparedOperation
from tests.graphql_schema.endpoint import NOW, principal

OPERATION = cast("PreparedOperation", object())
"""The hub looks at nothing but its identity."""


def caller_of(number: int, *, expires_at: datetime = NOW + timedelta(minutes=10), language: Language = "ru") -> Caller:
    """Return a caller of a person; 0 is nobody."""
    who = principal(number, expires_at=expires_at) if number else None
    return Caller(who, f"address {number}", language, f"trace {number}")


def refusal(code: str) -> Event:
    """Return an event that ends a stream."""
    return Event(b"{}", errors=orjson.dumps([code]), refusal=refused(code, "for the test"))


@dataclass
class NumberSource:
    """Each scope's present state is a number; `change` moves it and wakes those who follow it."""

    state: Counter[Scope] = field(default_factory=Counter)
    opened: Counter[Scope] = field(default_factory=Counter)
    computed: Counter[Scope] = field(default_factory=Counter)
    callers: list[Caller] = field(default_factory=list)
    open_now: int = 0
    failure: Exception | None = None
    withdrawn: bool = False
    gate: asyncio.Event | None = None
    wakes: defaultdict[Scope, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))

    def change(self, scope: Scope) -> None:
        """Move the state on."""
        self.state[scope] += 1
        for wake in self.wakes[scope]:
            wake.set()

    async def open(
        self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller
    ) -> AsyncGenerator[Event, None]:
        """Follow the state."""
        scope = access_scope(caller.principal)
        self.opened[scope] += 1
        self.callers.append(caller)
        self.open_now += 1
        wake = asyncio.Event()
        self.wakes[scope].add(wake)
        try:
            while True:
                event = self._compute(scope, caller.language, variables)
                if self.gate is not None:
                    await self.gate.wait()
                yield event
                if event.refusal is not None:
                    return
                await wake.wait()
                wake.clear()
        finally:
            self.wakes[scope].discard(wake)
            self.open_now -= 1

    def too_late(self, caller: Caller) -> Event:
        """Refuse."""
        return refusal("DEADLINE_EXCEEDED")

    def failed(self, error: Exception, caller: Caller) -> Event:
        """Mask."""
        return refusal("INTERNAL_ERROR")

    def _compute(self, scope: Scope, language: Language, variables: Mapping[str, Any]) -> Event:
        if self.failure is not None:
            raise self.failure
        if self.withdrawn:
            return refusal("ACCESS_REFUSED")
        self.computed[scope] += 1
        value = {"state": self.state[scope], "scope": str(scope), "language": language, "variables": variables}
        data = orjson.dumps(value)
        return Event(b'{"data":' + data + b"}", data=data)


@dataclass
class House:
    """The hub and what surrounds it."""

    deadline_seconds: float = 20.0
    recheck_seconds: float = 0.01
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    source: NumberSource = field(default_factory=NumberSource)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        """Build the hub."""
        self.hub = Hub(
            self.source,
            clock=self.clock,
            deadline_seconds=self.deadline_seconds,
            recheck_seconds=self.recheck_seconds,
        )

    def watch(self, caller: Caller, **variables: Any) -> Watch:
        """Join."""
        return self.hub.stream(OPERATION, variables, caller)

    def change(self, caller: Caller) -> None:
        """Change what this caller sees."""
        self.source.change(access_scope(caller.principal))


async def see(watch: Watch) -> int:
    """Return the state of the next event."""
    event = await asyncio.wait_for(anext(watch), 20)
    return int(orjson.loads(event.payload)["data"]["state"])


async def rest(watch: Watch) -> list[Event]:
    """Return what still comes, until the stream ends."""
    async with asyncio.timeout(20):
        return [event async for event in watch]


def renewed(caller: Caller, expires_at: datetime) -> Caller:
    """Return the same person with a later token."""
    assert caller.principal is not None
    return replace(caller, principal=replace(caller.principal, expires_at=expires_at))
