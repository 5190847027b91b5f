"""What several workers need that one does not."""

import redis.exceptions
from sqlalchemy.engine import make_url

from backend.redis_connection import open_redis
from backend.settings import Settings


async def why_not_several(settings: Settings) -> str | None:
    """Return why several processes cannot serve together, None when they can; asks Redis."""
    if make_url(settings.database.url).get_backend_name() == "sqlite":
        return "SQLite is for one process, set ZDOROVYE_DATABASE__URL to a PostgreSQL"
    if not settings.redis_url:
        return "they need Redis to wake each other's subscriptions, set ZDOROVYE_REDIS_URL"
    if not await redis_answers(settings.redis_url):
        return "the Redis of ZDOROVYE_REDIS_URL does not answer"
    return None


async def redis_answers(url: str) -> bool:
    """Return whether the Redis there answers in time; an address it cannot read does not."""
    try:
        client = open_redis(url)
    except ValueError:
        return False
    try:
        return bool(await client.ping())
    except (redis.exceptions.RedisError, OSError):
        return False
    finally:
        await client.aclose()
