"""ESIA's keys: one request in 30 seconds whoever asks, old and new side by side, nothing but RS256 (S23, S25)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.clock import SettableClock
from identity.errors import EsiaAnswerInvalid, EsiaUnavailable
from identity.esia.jwks import MAX_KEYS, FixedKeys, JwksKeys, read_jwks
from identity.esia.simulated_keys import KeyRing, kid_of
from identity.keys import make_rsa_key
from tests.factories.identity import ESIA_KEY, NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

OLD, NEW = ESIA_KEY, make_rsa_key()
OLD_KID, NEW_KID = kid_of(OLD.public_key()), kid_of(NEW.public_key())
SECOND = timedelta(seconds=1)


def listed(*keys: rsa.RSAPrivateKey) -> dict[str, object]:
    return {"keys": [KeyRing(key, sends_kid=True).jwks()["keys"][0] for key in keys]}


@dataclass(slots=True)
class Publisher:
    """Publishes what it is told, counts how often it is asked, and hangs while `open` is not set."""

    answer: Callable[[], Response]
    asked: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, *keys: rsa.RSAPrivateKey) -> None:
        self.answer = lambda: JSONResponse(listed(*keys))

    async def serve(self, _request: Request) -> Response:
        self.asked += 1
        self.reached.set()
        await self.open.wait()
        return self.answer()


@dataclass(slots=True)
class Corner:
    publisher: Publisher
    clock: SettableClock
    keys: JwksKeys


@asynccontextmanager
async def corner(*, timeout_seconds: float = 5) -> AsyncIterator[Corner]:
    publisher = Publisher(lambda: JSONResponse(listed(OLD)))
    publisher.open.set()
    clock = SettableClock(NOW)
    app = Starlette(routes=[Route("/jwks.json", publisher.serve)])
    async with serving(app) as url, http_client() as http:
        keys = JwksKeys(f"{url}/jwks.json", http=http, clock=clock, timeout_seconds=timeout_seconds)
        try:
            yield Corner(publisher, clock, keys)
        finally:
            publisher.open.set()
            await keys.close()


async def test_a_thousand_unknown_kids_while_the_endpoint_hangs_make_one_request_s25() -> None:
    async with corner(timeout_seconds=2) as here:
        here.publisher.open.clear()
        began = time.monotonic()
        found = await asyncio.gather(
            *(here.keys.find(f"unknown-{number}") for number in range(1_000)), return_exceptions=True
        )
        assert time.monotonic() - began < 20
        assert {type(one) for one in found} == {EsiaUnavailable}
        assert here.publisher.asked == 1


async def test_the_loop_is_free_while_the_endpoint_hangs_s25() -> None:
    async with corner() as here:
        here.publisher.open.clear()
        waiting = asyncio.create_task(here.keys.find(OLD_KID))
        await here.publisher.reached.wait()
        assert not waiting.done()
        here.publisher.open.set()
        assert len(await waiting) == 1


async def test_known_keys_serve_while_unknown_ones_are_asked_for_in_vain_s25() -> None:
    async with corner(timeout_seconds=2) as here:
        assert len(await here.keys.find(OLD_KID)) == 1
        here.publisher.open.clear()
        here.publisher.reached.clear()
        here.clock.advance(30 * SECOND)
        unknown = asyncio.create_task(here.keys.find("unknown"))
        await here.publisher.reached.wait()
        assert len(await here.keys.find(OLD_KID)) == 1
        assert not unknown.done()
        with pytest.raises(EsiaUnavailable):
            await unknown
        assert len(await here.keys.find(OLD_KID)) == 1


async def test_one_request_in_thirty_seconds_s25() -> None:
    async with corner() as here:
        for _ in range(50):
            assert await here.keys.find("unknown") == ()
        assert here.publisher.asked == 1
        here.clock.advance(29 * SECOND)
        assert await here.keys.find("unknown") == ()
        assert here.publisher.asked == 1
        here.clock.advance(SECOND)
        assert await here.keys.find("unknown") == ()
        assert here.publisher.asked == 2


async def test_a_new_key_is_found_beside_the_old_one_until_it_is_listed_no_more_s25() -> None:
    async with corner() as here:
        await here.keys.find(OLD_KID)
        here.publisher.publish(NEW, OLD)
        here.clock.advance(30 * SECOND)
        (new,) = await here.keys.find(NEW_KID)
        assert new.key == NEW.public_key()
        assert new.algorithm == "RS256"
        assert len(await here.keys.find(OLD_KID)) == 1
        assert [one.key for one in await here.keys.find(None)] == [NEW.public_key(), OLD.public_key()]
        here.publisher.publish(NEW)
        here.clock.advance(30 * SECOND)
        assert [one.key for one in await here.keys.find_newer()] == [NEW.public_key()]
        assert await here.keys.find(OLD_KID) == ()


async def test_keys_are_renewed_behind_the_back_of_who_asks_after_ten_minutes() -> None:
    async with corner() as here:
        await here.keys.find(OLD_KID)
        here.publisher.publish(NEW)
        here.clock.advance(timedelta(minutes=10))
        assert len(await here.keys.find(OLD_KID)) == 1
        assert [one.key for one in await here.keys.find_newer()] == [NEW.public_key()]
        assert here.publisher.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("<html>", media_type="text/html"),
        lambda: Response("x" * 70_000),
        lambda: JSONResponse({"keys": [{"filler": "x" * 100}] * 700}),
        lambda: JSONResponse({"keys": []}),
        lambda: JSONResponse([]),
        lambda: JSONResponse({"error": "temporarily_unavailable"}, status_code=503),
        lambda: JSONResponse({"error": "access_denied", "error_description": "ESIA-007019: no"}, status_code=403),
    ],
)
async def test_a_bad_answer_changes_nothing_and_a_good_one_heals(answer: Callable[[], Response]) -> None:
    async with corner() as here:
        await here.keys.find(OLD_KID)
        here.publisher.answer = answer
        here.clock.advance(30 * SECOND)
        with pytest.raises(EsiaUnavailable):
            await here.keys.find(NEW_KID)
        assert len(await here.keys.find(OLD_KID)) == 1
        here.publisher.publish(NEW)
        here.clock.advance(30 * SECOND)
        assert len(await here.keys.find(NEW_KID)) == 1


async def test_close_ends_a_request_that_hangs() -> None:
    async with corner() as here:
        here.publisher.open.clear()
        waiting = asyncio.create_task(here.keys.find("unknown"))
        await here.publisher.reached.wait()
        await here.keys.close()
        with pytest.raises(EsiaUnavailable):
            await waiting


def jwk(key: rsa.RSAPrivateKey = OLD, **changes: object) -> dict[str, object]:
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": "k"} | changes


@pytest.mark.parametrize(
    "foreign",
    [
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "GOST", "alg": "GOST3410_2012_256"},
        jwk(alg="HS256"),
        jwk(alg="RS512"),
        jwk(use="enc"),
        jwk(n="!"),
        jwk(n=""),
        jwk(e=3),
        jwk(rsa.generate_private_key(public_exponent=65_537, key_size=1_024)),  # noqa: S505 # weak on purpose
        {},
    ],
)
def test_a_key_of_another_kind_is_passed_over_s23(foreign: dict[str, object]) -> None:
    found = read_jwks({"keys": [foreign, jwk(NEW, kid="good")]})
    assert [(kid, key.key) for kid, key in found] == [("good", NEW.public_key())]
    with pytest.raises(EsiaAnswerInvalid):
        read_jwks({"keys": [foreign]})


def test_a_private_key_that_was_published_is_read_as_its_public_half() -> None:
    ((_, key),) = read_jwks({"keys": [RSAAlgorithm.to_jwk(OLD, as_dict=True)]})
    assert key.key == OLD.public_key()


def test_too_many_keys_or_two_of_one_name_are_refused() -> None:
    assert len(read_jwks({"keys": [jwk(kid=str(number)) for number in range(MAX_KEYS)]})) == MAX_KEYS
    with pytest.raises(EsiaAnswerInvalid):
        read_jwks({"keys": [jwk(kid=str(number)) for number in range(MAX_KEYS + 1)]})
    with pytest.raises(EsiaAnswerInvalid):
        read_jwks({"keys": [jwk(), jwk(NEW)]})


async def test_fixed_keys_are_each_tried_whatever_the_token_names() -> None:
    keys = FixedKeys(OLD.public_key(), NEW.public_key())
    for kid in (None, "anything"):
        assert [one.key for one in await keys.find(kid)] == [OLD.public_key(), NEW.public_key()]
    assert await keys.find_newer() == ()
    await keys.close()
    with pytest.raises(ValueError, match="no key"):
        FixedKeys()
