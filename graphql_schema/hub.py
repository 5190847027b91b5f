"""Subscriptions shared: who watches the same through the same rights shares one source, one execution, one payload.

The group of a watcher is named by everything that its answers depend on: the prepared operation, the variables, the
access scope and the language. Whoever is in another group shares nothing with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson

from backend.clock import Clock
from graphql_schema.catalogue import Language
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.engine import Caller
from graphql_schema.events import Watch
from graphql_schema.groups import EventSource, Group
from graphql_schema.preparation import PreparedOperation
from graphql_schema.ticker import Ticker
from identity.principal import Principal

NOT_OF_ACCESS = frozenset({"session_id", "expires_at", "key_thumbprint"})
"""What of a principal says nothing about its rights. A new attribute belongs to the scope until it is named here."""

Scope = tuple[Any, ...] | None


def access_scope(principal: Principal | None) -> Scope:
    """Return everything that decisions about access look at; None for nobody."""
    if principal is None:
        return None
    return tuple(getattr(principal, field.name) for field in fields(principal) if field.name not in NOT_OF_ACCESS)


@dataclass(frozen=True, slots=True)
class _Key:
    """`operation` is the identity of a prepared operation, which the group keeps alive."""

    operation: int
    variables: bytes
    scope: Scope
    language: Language


class Hub:
    """The groups of one worker; to be used on one event loop."""

    def __init__(
        self,
        source: EventSource,
        *,
        clock: Clock,
        deadline_seconds: float,
        recheck_seconds: float = 5.0,
        follow: Follow = follow_nobody,
    ) -> None:
        """A first event takes at most `deadline_seconds`; a watcher is ended `recheck_seconds` after its expiry (S18).

        Nothing is shown after the expiry; the recheck only ends those to whom nothing happens. `follow` tells of
        sessions that ended.
        """
        self._follow = follow
        self._source = source
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._groups: dict[_Key, Group] = {}
        self._ticker = Ticker(recheck_seconds, self._end_expired)

    def stream(self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller) -> Watch:
        """Watch a subscription, which was paid for.

        Returns:
            The watcher's own view: the present state first, computed after this call; to be closed by `aclose`.
        """
        language = caller.language
        variables_json = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        key = _Key(id(operation), variables_json, access_scope(caller.principal), language)
        expires_at = caller.principal.expires_at if caller.principal is not None else None
        stop_following = _nothing

        def leave(gone: Watch) -> None:
            stop_following()
            self._leave(key, gone)

        watch = Watch(clock=self._clock, expires_at=expires_at, leave=leave)
        if watch.is_expired(self._clock()):
            watch.cut()
            return watch
        if (group := self._groups.get(key)) is None:
            group = self._groups[key] = self._new_group(key, operation, variables)
            self._ticker.start()
        group.join(watch, caller)
        if caller.principal is not None:
            stop_following = self._follow(caller.principal, lambda _end: self._end(key, watch))
        return watch

    def group_count(self) -> int:
        """Count the groups: so many computations are made for an event of everybody."""
        return len(self._groups)

    def watcher_count(self) -> int:
        """Count the open watches of all groups."""
        return sum(len(group) for group in self._groups.values())

    def _new_group(self, key: _Key, operation: PreparedOperation, variables: Mapping[str, Any]) -> Group:
        return Group(
            self._source,
            operation,
            variables,
            clock=self._clock,
            deadline_seconds=self._deadline_seconds,
            on_end=lambda group: self._forget(key, group),
        )

    def _end(self, key: _Key, watch: Watch) -> None:
        watch.cut()
        self._leave(key, watch)

    def _leave(self, key: _Key, watch: Watch) -> None:
        if (group := self._groups.get(key)) is not None:
            group.leave(watch)

    def _forget(self, key: _Key, group: Group) -> None:
        if self._groups.get(key) is group:
            del self._groups[key]
        if not self._groups:
            self._ticker.stop()

    def _end_expired(self) -> None:
        now = self._clock()
        for group in list(self._groups.values()):
            for watch in [watch for watch in group if watch.is_expired(now)]:
                watch.cut()
                group.leave(watch)


def _nothing() -> None:
    """Stop nothing."""
