"""Too many attempts wait, whatever they would have been answered (S33)."""

import httpx2
import pytest
import structlog

from backend.database import Database
from backend.redis_connection import open_redis
from identity.errors import TooManyAttempts
from identity.opaque import mint_for
from identity.settings import ThrottleSettings
from identity.throttling import Throttle, site_of
from tests.factories.identity import LAX, House, Pkce, open_house
from tests.plugins.redis import RedisServer

TIGHT = ThrottleSettings(
    starts_of_address=3, callbacks_of_address=3, tokens_of_address=3, tokens_of_account=2, tokens_of_device=2
)


async def attempts(throttle: Throttle, address: str, count: int, *, account: str | None = None) -> list[bool]:
    outcomes = []
    for _ in range(count):
        try:
            await throttle.token(address, account=account)
        except TooManyAttempts as refusal:
            outcomes.append(not 1 <= refusal.retry_after_seconds <= 61)
        else:
            outcomes.append(True)
    return outcomes


async def test_an_address_has_its_window_and_others_have_theirs_s33() -> None:
    throttle = Throttle(TIGHT)
    assert await attempts(throttle, "192.0.2.1", 5) == [True] * 3 + [False] * 2
    assert await attempts(throttle, "192.0.2.2", 1) == [True]


async def test_an_account_is_counted_for_one_address_alone_s33() -> None:
    """Whoever shows made-up tokens of somebody cannot keep that person from refreshing elsewhere."""
    throttle = Throttle(TIGHT.model_copy(update={"tokens_of_address": 100}))
    assert await attempts(throttle, "192.0.2.1", 3, account="anna") == [True, True, False]
    assert await attempts(throttle, "192.0.2.1", 1, account="boris") == [True]
    assert await attempts(throttle, "192.0.2.2", 1, account="anna") == [True]


async def test_codes_of_kiosks_are_counted_by_account_wherever_it_is_and_by_address_s33() -> None:
    throttle = Throttle(ThrottleSettings(codes_of_account=2, codes_of_address=3))
    await throttle.handover("192.0.2.1", account="anna")
    await throttle.handover("192.0.2.2", account="anna")
    for address in ("192.0.2.1", "192.0.2.3"):
        with pytest.raises(TooManyAttempts):
            await throttle.handover(address, account="anna")
    await throttle.handover("192.0.2.1", account="boris")
    with pytest.raises(TooManyAttempts):
        await throttle.handover("192.0.2.1", account="vera")


async def test_a_device_is_counted_wherever_it_is_s33() -> None:
    throttle = Throttle(TIGHT)
    for _ in range(2):
        await throttle.device("key")
    with pytest.raises(TooManyAttempts):
        await throttle.device("key")
    await throttle.device("another")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_household_is_one_address(address: str, site: str) -> None:
    assert site_of(address) == site


async def test_two_workers_count_together_over_redis_s33(redis_url: str) -> None:
    first, second = open_redis(redis_url), open_redis(redis_url)
    address = f"test {id(first)}"
    one, other = Throttle(TIGHT, redis=first), Throttle(TIGHT, redis=second)
    assert await attempts(one, address, 2) == [True, True]
    assert await attempts(other, address, 2) == [True, False]
    await first.aclose()
    await second.aclose()


async def test_while_redis_is_away_each_worker_counts_for_itself(redis_server: RedisServer) -> None:
    redis = open_redis(redis_server.url)
    throttle = Throttle(TIGHT, redis=redis)
    assert await attempts(throttle, "192.0.2.1", 2) == [True, True]
    redis_server.kill()
    with structlog.testing.capture_logs() as logs:
        assert await attempts(throttle, "192.0.2.1", 4) == [True] * 3 + [False]
    assert [line["event"] for line in logs] == ["identity.throttle_unshared"]
    assert "192.0.2.1" not in str(logs)
    await redis.aclose()


async def test_unknown_and_wrong_are_answered_alike_until_both_must_wait_s33(database: Database) -> None:
    limits = LAX.model_copy(update={"tokens_of_account": 3})
    async with open_house(database, throttle=limits) as house:
        tokens = await house.sign_in()
        person_id = house.tokens.verify(tokens["access_token"]).person_id
        answers = [await house.refresh(mint_for(person_id)) for _ in range(4)]
        foreign = await house.refresh(tokens["refresh_token"], client_id="android")
    bodies = [answered.json() for answered in answers]
    assert [answered.status_code for answered in answers] == [400, 400, 429, 429]
    assert bodies[0] == bodies[1]
    assert bodies[2] == bodies[3] == foreign.json()
    assert bodies[2] == {
        "error": "temporarily_unavailable",
        "code": "TOO_MANY_ATTEMPTS",
        "error_description": "ru: TOO_MANY_ATTEMPTS",
    }
    assert 1 <= int(answers[2].headers["retry-after"]) <= 61
    assert answers[2].headers["cache-control"] == "no-store"


@pytest.mark.parametrize("door", ["start", "callback"])
async def test_the_browser_s_doors_say_when_to_come_again_s33(database: Database, door: str) -> None:
    async with open_house(database, throttle=TIGHT) as house, house.browser() as browser:
        answers = [await _knock(house, browser, door) for _ in range(4)]
    assert [answered.status_code for answered in answers][3] == 429
    assert {answered.status_code for answered in answers[:3]} == {302 if door == "start" else 400}
    assert 1 <= int(answers[3].headers["retry-after"]) <= 61
    assert "TOO_MANY_ATTEMPTS" in answers[3].text


async def _knock(house: House, browser: httpx2.AsyncClient, door: str) -> httpx2.Response:
    if door == "start":
        return await house.start(browser, Pkce())
    return await browser.get(house.settings.callback_url, params={"state": "x", "code": "y"})
