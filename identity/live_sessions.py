"""Whether a session still stands: asked of the database once in a few seconds and not at each request (S18, S30).

A session that ends is refused by every worker within 10 s: at once where the word of it arrives, otherwise when
what is remembered is too old. What cannot be asked is not taken to live on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import structlog

from identity.errors import IdentityOperational, SessionCheckUnavailable, TokenRefused
from identity.principal import PersonId, Principal, SessionId

FRESH_FOR = timedelta(seconds=5)
"""How long an answer is taken without asking again."""
TRUSTED_FOR = timedelta(seconds=10)
"""How long it is taken when the database cannot be asked. Source: our requirements (S30)."""
RECHECK_SECONDS = 4.0
"""How often those with a long connection are asked about."""
MOST_SESSIONS = 100_000
"""How many a worker remembers, the latest used ones; about 40 MB."""
MOST_AT_ONCE = 500
SHARDS = 64
"""Into so many parts a worker's sessions are told apart when word of an end arrives."""

SessionKey = tuple[PersonId, SessionId]
ReadLive = Callable[[Collection[SessionKey]], Awaitable[Mapping[SessionKey, datetime]]]
"""Returns, of at most `MOST_AT_ONCE` sessions, those that are not revoked, each with its absolute end (aware UTC)."""
_log = structlog.get_logger("identity")


class SessionEnd(Enum):
    """Why a long connection has to end."""

    ENDED = "ended"
    """The session is revoked or past its end."""
    UNKNOWN = "unknown"
    """It could not be asked about for too long; the client may come again."""


OnEnd = Callable[[SessionEnd], None]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read: `ends_at` None when the session had ended.

    `asked_at` is before the reading began, `word` is the last word about the session's part that was heard then.
    """

    asked_at: datetime
    ends_at: datetime | None
    word: int


def key_of(principal: Principal) -> SessionKey:
    """Return the session of a signed-in actor."""
    return principal.person_id, principal.session_id


def shard_of(person_id: PersonId) -> int:
    """Return the part a person's sessions belong to: the last byte of an id is random."""
    return person_id.bytes[-1] % SHARDS


class LiveSessions:
    """What one worker knows of sessions; to be used on one event loop."""

    def __init__(
        self,
        read: ReadLive,
        *,
        clock: Callable[[], datetime],
        unavailable: tuple[type[Exception], ...] = (),
        most: int = MOST_SESSIONS,
    ) -> None:
        """Ask `read`, which raises one of `unavailable` when it cannot be asked now."""
        self._read = read
        self._clock = clock
        # a time-out is an OSError
        self._unavailable: tuple[type[Exception], ...] = (*unavailable, IdentityOperational, OSError)
        self._most = most
        self._known: OrderedDict[SessionKey, _Known] = OrderedDict()
        self._words = [0] * SHARDS
        self._queued: dict[SessionKey, asyncio.Future[None]] = {}
        self._asked: dict[SessionKey, tuple[int, asyncio.Future[None]]] = {}
        self._followers: list[dict[SessionKey, set[OnEnd]]] = [{} for _ in range(SHARDS)]
        self._tasks: set[asyncio.Task[None]] = set()

    def is_known_live(self, key: SessionKey) -> bool:
        """Whether the session was told to stand a moment ago, so that nobody need be asked."""
        known = self._known.get(key)
        if known is None or known.ends_at is None or known.word != self._words[shard_of(key[0])]:
            return False
        now = self._clock()
        return _is_within(FRESH_FOR, known, now) and now < known.ends_at

    async def require(self, key: SessionKey) -> None:
        """Return when the session stands; without waiting when that is known. The door of every kind of access.

        Raises:
            TokenRefused: It is revoked, past its end, or there is none.
            SessionCheckUnavailable: It cannot be asked, and was told too long ago.
        """
        if self.is_known_live(key):
            self._known.move_to_end(key)
            return
        if not self._is_over(key):
            await self._ask(key)
        end = self._end_of(key)
        if end is SessionEnd.UNKNOWN:
            raise SessionCheckUnavailable
        if end is SessionEnd.ENDED:
            raise TokenRefused

    def follow(self, principal: Principal, on_end: OnEnd) -> Callable[[], None]:
        """Call `on_end` once when the actor's session is known to have ended, or cannot be asked about for too long.

        Returns:
            What stops the following; a second call changes nothing.
        """
        key = key_of(principal)
        followers = self._followers[shard_of(key[0])]
        followers.setdefault(key, set()).add(on_end)

        def leave() -> None:
            if (following := followers.get(key)) is not None:
                following.discard(on_end)
                if not following:
                    del followers[key]

        return leave

    def doubt(self, shard: int) -> None:
        """Hear that sessions of this part changed: each of them is asked about before it is next believed."""
        self._words[shard] += 1
        if followed := list(self._followers[shard]):
            self._start(self._recheck(followed))

    async def recheck(self) -> None:
        """Ask about all who are followed, and tell those whose session ended."""
        await self._recheck([key for followers in self._followers for key in followers])

    async def run(self) -> None:
        """Recheck now and then, for ever; cancel it to end."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            await self.recheck()

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __len__(self) -> int:
        """Return how many sessions are remembered."""
        return len(self._known)

    async def _recheck(self, keys: list[SessionKey]) -> None:
        for start in range(0, len(keys), MOST_AT_ONCE):
            await self._learn(keys[start : start + MOST_AT_ONCE])
        for key in keys:
            if (end := self._end_of(key)) is not None:
                for on_end in self._followers[shard_of(key[0])].pop(key, ()):
                    on_end(end)

    def _is_over(self, key: SessionKey) -> bool:
        """Whether it is known to have ended: that is never taken back, so nobody need be asked.

        An end that lay ahead when it was told may have been moved since: a session at a kiosk lasts as it is touched.
        """
        known = self._known.get(key)
        return known is not None and (known.ends_at is None or known.asked_at >= known.ends_at)

    def _end_of(self, key: SessionKey) -> SessionEnd | None:
        known, now = self._known.get(key), self._clock()
        if known is None:
            return SessionEnd.UNKNOWN
        if known.ends_at is None or now >= known.ends_at:
            return SessionEnd.ENDED
        return None if _is_within(TRUSTED_FOR, known, now) else SessionEnd.UNKNOWN

    async def _ask(self, key: SessionKey) -> None:
        """Wait until the session was asked about; who asks at the same time shares one statement."""
        word, asked = self._asked.get(key, (-1, None))
        if asked is None or word != self._words[shard_of(key[0])]:
            if not self._queued:
                asyncio.get_running_loop().call_soon(lambda: self._start(self._answer()))
            asked = self._queued.setdefault(key, asyncio.get_running_loop().create_future())
        await asyncio.shield(asked)

    async def _answer(self) -> None:
        """Ask about those who are queued, several at once."""
        queued, self._queued = self._queued, {}
        mine = {key: (self._words[shard_of(key[0])], future) for key, future in queued.items()}
        self._asked.update(mine)
        keys = list(queued)
        try:
            for start in range(0, len(keys), MOST_AT_ONCE):
                await self._learn(keys[start : start + MOST_AT_ONCE])
        finally:
            for key, asked in mine.items():
                if self._asked.get(key) is asked:
                    del self._asked[key]
                if not asked[1].done():
                    asked[1].set_result(None)

    async def _learn(self, keys: list[SessionKey]) -> None:
        asked_at, words = self._clock(), list(self._words)
        try:
            live = await self._read(keys)
        except self._unavailable as error:
            _log.warning("identity.sessions_unasked", error=type(error).__name__, count=len(keys))
            return
        except Exception as error:  # the boundary: a bug must not let a session live on
            _log.error("identity.sessions_bug", exc_info=error)  # structlog takes the error itself
            return
        for key in keys:
            before = self._known.get(key)
            if before is None or (before.ends_at is not None and before.asked_at <= asked_at):  # an end stays
                self._known[key] = _Known(asked_at, live.get(key), words[shard_of(key[0])])
            self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_within(span: timedelta, known: _Known, now: datetime) -> bool:
    return timedelta(0) <= now - known.asked_at < span
