"""How Redis is reached: in one protocol, with a time-out on every operation, and without repeats behind our back."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

_TIMEOUT_SECONDS = 1.0
_MOST_CONNECTIONS = 10


def open_redis(url: str) -> Redis:
    """Return a client of the Redis at `url` (`redis://host:port/0`, `unix://…`); it connects when first used.

    Nothing is retried here: who calls knows whether a repeat is right, and that a connection was lost in between.
    """
    client: Redis = Redis.from_url(
        url,
        protocol=3,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        max_connections=_MOST_CONNECTIONS,
        retry=Retry(NoBackoff(), 0),
    )
    return client
