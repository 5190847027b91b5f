"""How often somebody may try: by address, by account and by device, in moving windows (S33).

Counting never stops sign-in: while Redis is away each worker counts for itself (ADR 0015).
"""

import hashlib
import ipaddress
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from identity.errors import TooManyAttempts
from identity.settings import ThrottleSettings

_NAMESPACE = "zdorovye-sign-in"
_IPV6_SITE = 64
_log = structlog.get_logger("identity")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One kind of attempt by one somebody; `who` is kept as a digest only."""

    limit: RateLimitItem
    kind: str
    who: str

    @property
    def names(self) -> tuple[str, str]:
        """Return what it is counted under."""
        return self.kind, hashlib.blake2b(self.who.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Throttle:
    """Counts attempts; whoever has too many waits, whatever they would have been answered."""

    def __init__(self, settings: ThrottleSettings, *, redis: Redis | None = None) -> None:
        """Count in `redis`, shared by all workers and closed by its owner, or in this process alone."""
        self._starts = RateLimitItemPerMinute(settings.starts_of_address, namespace=_NAMESPACE)
        self._callbacks = RateLimitItemPerMinute(settings.callbacks_of_address, namespace=_NAMESPACE)
        self._of_address = RateLimitItemPerMinute(settings.tokens_of_address, namespace=_NAMESPACE)
        self._of_account = RateLimitItemPerMinute(settings.tokens_of_account, namespace=_NAMESPACE)
        self._of_device = RateLimitItemPerMinute(settings.tokens_of_device, namespace=_NAMESPACE)
        self._codes_of_address = RateLimitItemPerMinute(settings.codes_of_address, namespace=_NAMESPACE)
        self._codes_of_account = RateLimitItemPerMinute(settings.codes_of_account, namespace=_NAMESPACE)
        self._unsubscribes = RateLimitItemPerMinute(settings.unsubscribes_of_address, namespace=_NAMESPACE)
        self._calendars_of_address = RateLimitItemPerMinute(settings.calendars_of_address, namespace=_NAMESPACE)
        self._calendars_of_feed = RateLimitItemPerMinute(settings.calendars_of_feed, namespace=_NAMESPACE)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = None if redis is None else MovingWindowRateLimiter(_shared_storage(redis))
        self._is_away = False

    async def start(self, address: str) -> None:
        """Count a sign-in that is begun.

        Raises:
            TooManyAttempts: More than the limit of the address.
        """
        await self._count([Attempt(self._starts, "start", site_of(address))])

    async def callback(self, address: str) -> None:
        """Count a sign-in that comes back from ESIA; raises as `start` does."""
        await self._count([Attempt(self._callbacks, "callback", site_of(address))])

    async def token(self, address: str, *, account: str | None = None) -> None:
        """Count a request for tokens, of whatever outcome.

        Args:
            address: Whence it comes.
            account: Whose code or token it claims to be, if it has that form at all. It is counted for this address
                alone: nobody can keep somebody else from refreshing by showing made-up tokens of theirs.

        Raises:
            TooManyAttempts: More than the limit of one of them.
        """
        attempts = [Attempt(self._of_address, "token-address", site_of(address))]
        if account is not None:
            attempts.append(Attempt(self._of_account, "token-account", f"{account} {site_of(address)}"))
        await self._count(attempts)

    async def device(self, key: str) -> None:
        """Count a request for tokens by the thumbprint of the key whose proof was shown; raises as `start` does."""
        await self._count([Attempt(self._of_device, "token-device", key)])

    async def handover(self, address: str, *, account: str) -> None:
        """Count a code that a phone shows to take over from a kiosk, right or wrong; raises as `start` does.

        Args:
            address: Whence it comes.
            account: Whose phone says to show it, proven by its token.
        """
        await self._count(
            [
                Attempt(self._codes_of_address, "handover-address", site_of(address)),
                Attempt(self._codes_of_account, "handover-account", account),
            ]
        )

    async def unsubscribe(self, address: str) -> None:
        """Count a link of a mail that is followed, right or wrong; raises as `start` does."""
        await self._count([Attempt(self._unsubscribes, "unsubscribe", site_of(address))])

    async def calendar(self, address: str, *, feed: str) -> None:
        """Count a reading of a calendar's feed, there or not; raises as `start` does.

        Args:
            address: Whence it comes.
            feed: What names the feed: the secret part of its address.
        """
        await self._count(
            [
                Attempt(self._calendars_of_address, "calendar-address", site_of(address)),
                Attempt(self._calendars_of_feed, "calendar-feed", feed),
            ]
        )

    async def _count(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if self._shared is None:
                await _hit(self._own, attempt)
                continue
            try:
                await _hit(self._shared, attempt)
                self._is_away = False
            except (RedisError, OSError) as error:
                if not self._is_away:
                    _log.warning("identity.throttle_unshared", error=type(error).__name__)
                self._is_away = True
                await _hit(self._own, attempt)


async def _hit(limiter: MovingWindowRateLimiter, attempt: Attempt) -> None:
    if await limiter.hit(attempt.limit, *attempt.names):
        return
    window = await limiter.get_window_stats(attempt.limit, *attempt.names)
    raise TooManyAttempts(retry_after_seconds=max(1, int(window.reset_time - time.time()) + 1))


def site_of(address: str) -> str:
    """Return what is counted of an address: an IPv6 one by its /64, for a household has all of that."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed, _IPV6_SITE), strict=False))
    return str(parsed)


def _shared_storage(redis: Redis) -> Storage:
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="zdorovye:throttle",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type] # the library's options name plain values only
    )
