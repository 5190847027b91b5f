import pytest

from backend.entrypoints.preflight import why_not_several
from backend.settings import DatabaseSettings, Settings

POSTGRESQL = "postgresql+asyncpg://nobody@127.0.0.1:1/none"


def settings(database_url: str, redis_url: str) -> Settings:
    return Settings(database=DatabaseSettings(url=database_url), redis_url=redis_url)


@pytest.mark.parametrize(
    ("database_url", "redis_url", "said"),
    [
        ("sqlite+aiosqlite:///x", "", "SQLite is for one process, set ZDOROVYE_DATABASE__URL to a PostgreSQL"),
        (POSTGRESQL, "", "they need Redis to wake each other's subscriptions, set ZDOROVYE_REDIS_URL"),
        (POSTGRESQL, "redis://127.0.0.1:1/0", "the Redis of ZDOROVYE_REDIS_URL does not answer"),
        (POSTGRESQL, "not an address", "the Redis of ZDOROVYE_REDIS_URL does not answer"),
    ],
)
async def test_several_workers_refuse_what_only_one_can_do(database_url: str, redis_url: str, said: str) -> None:
    assert await why_not_several(settings(database_url, redis_url)) == said


async def test_several_workers_may_serve_with_postgresql_and_redis(redis_url: str) -> None:
    assert await why_not_several(settings(POSTGRESQL, redis_url)) is None
