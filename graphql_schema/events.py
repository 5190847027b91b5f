"""One event of a stream, encoded once for all who watch it, and the place where a watcher finds its next one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self

from backend.clock import Clock
from graphql_schema.faults import RequestRefused


@dataclass(frozen=True)
class Event:
    """One answer as JSON in UTF-8, shared by every watcher; what a transport makes of it is made once too.

    Args:
        payload: The whole answer: `{"data":…,"extensions":…}`.
        data: Only its `data`, to tell whether anything changed; None where nothing was executed.
        errors: The list of errors where `refusal` is set, else empty.
        refusal: Set when nothing was executed, or the source failed: then it is the last event.
    """

    payload: bytes
    data: bytes | None = None
    errors: bytes = b"[]"
    refusal: RequestRefused | None = None

    @cached_property
    def text(self) -> str:
        """The payload as text, as WebSocket frames of JSON want it."""
        return self.payload.decode()

    @cached_property
    def chunk(self) -> bytes:
        """The payload as an event of `text/event-stream`."""
        return b"event: next\ndata: " + self.payload + b"\n\n"


PING = Event(payload=b"")
"""Stands for "nothing new, but say that you are alive"; only who nudges a watch gets it."""


class Watch(AsyncIterator[Event]):
    """One watcher's view of a stream: at most one event waits to be taken, and a newer one replaces it (S19)."""

    __slots__ = (
        *("_clock", "_ended", "_event", "_expires_at", "_leave", "_loop", "_quiet", "_waiter"),
        *("on_closed", "on_cut", "take", "was_cut"),
    )

    def __init__(self, *, clock: Clock, expires_at: datetime | None, leave: Callable[["Watch"], None]) -> None:
        """Watch until `expires_at` (aware UTC, exclusive; None: for ever); `leave` is called once it is closed."""
        self._clock = clock
        self._expires_at = expires_at
        self._leave = leave
        self._loop = asyncio.get_running_loop()
        self._event: Event | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._quiet = False
        self.on_cut: Callable[[], None] | None = None
        """Called once when the stream is cut: who is busy sending may have to be interrupted."""
        self.take: Callable[[Event], bool] | None = None
        """Takes an event that is no refusal at once, without waking the reader; False: it cannot, the event waits."""
        self.on_closed: Callable[[], None] | None = None
        """Called once it is closed by its reader."""
        self.was_cut = False
        """Whether it was ended from outside (token, drain) and not by its source."""

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the newest event not taken yet; ends with the stream, and never returns one after `expires_at`."""
        while self._event is None:
            if self._ended:
                raise StopAsyncIteration
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        event, self._event = self._event, None
        if self.is_expired(self._clock()):
            self.cut()
            raise StopAsyncIteration
        return event

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the watcher's token has run out."""
        return self._expires_at is not None and now >= self._expires_at

    def put(self, event: Event, now: datetime | None = None) -> None:
        """Hand an event over, or let it wait to be taken, instead of the one that waits.

        Args:
            event: What happened.
            now: When, if it was read once for many watchers.
        """
        if self._ended:
            return
        self._quiet = False
        if self._waiter is not None and self._event is None and self.take is not None and event.refusal is None:
            if self._expires_at is not None and (now or self._clock()) >= self._expires_at:
                self.cut()
                return
            try:
                is_taken = self.take(event)
            except Exception:  # the reader's own sending raises it again, where it belongs: nobody else is hurt
                is_taken = False
            if is_taken:
                return
        self._event = event
        self._wake()

    def end(self) -> None:
        """End the stream after the event that waits."""
        self._ended = True
        self._wake()

    def cut(self) -> None:
        """End the stream at once; what waits is not shown any more."""
        if self._ended and self._event is None:
            return
        self.was_cut = True
        self._event = None
        self.end()
        if self.on_cut is not None:
            interrupt, self.on_cut = self.on_cut, None
            interrupt()

    def nudge(self) -> None:
        """Ask for a sign of life: the second nudge without an event between gives `PING`."""
        if self._quiet and self._event is None:
            self._event = PING
            self._wake()
        self._quiet = True

    async def aclose(self) -> None:
        """Leave."""
        self.cut()
        self._leave(self)
        if self.on_closed is not None:
            self.on_closed()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
