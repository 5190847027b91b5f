"""A session that ends is refused by HTTP, WebSocket and event streams, in every worker (S18, S26, S30)."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
import orjson
import pytest

from backend.clock import SettableClock
from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.sign_ins.spreading import kept_current, spread_end
from backend.signals import MemorySignals, Signals
from graphql_schema.http import GraphQL
from identity.admission import Admission
from identity.dpop import DpopProofs
from identity.live_sessions import LiveSessions, SessionKey, key_of
from identity.principal import Principal
from identity.replays import MemoryReplays
from identity.settings import TokenSettings
from identity.tokens import AccessTokens, TokenSubject
from tests.factories.devices import DeviceKey
from tests.factories.identity import SIGNING_KEY
from tests.graphql_schema.endpoint import DEEDS, NOW, PUBLIC_URL, build_endpoint, principal
from tests.graphql_schema.talk import talking
from tests.plugins.http import http_client
from tests.plugins.serving import serving
from tests.plugins.waiting import until

ENDPOINT = f"{PUBLIC_URL}/graphql"
STREAM = {"accept": "text/event-stream"}
FOREVER = {"query": "subscription { forever }"}
WHO = {"query": "{ who }"}


@dataclass
class Worker:
    """One worker's endpoint, over sessions that all workers share."""

    ended: set[SessionKey]
    clock: SettableClock
    signals: Signals = field(default_factory=MemorySignals)
    is_away: bool = False
    endpoint: GraphQL = field(init=False)

    def __post_init__(self) -> None:
        """Build the endpoint."""
        self.tokens = AccessTokens(signing_key=SIGNING_KEY, settings=TokenSettings(), clock=self.clock)
        self.live = LiveSessions(self.read, clock=self.clock)
        self.device = DeviceKey(self.clock)
        proofs = DpopProofs(clock=self.clock, replays=MemoryReplays(clock=self.clock))
        admission = Admission(verify=self.tokens.verify, proofs=proofs, live=self.live)
        self.endpoint = build_endpoint(clock=self.clock, admit=admission.admit, follow=self.live.follow)

    async def read(self, keys: Collection[SessionKey]) -> Mapping[SessionKey, datetime]:
        if self.is_away:
            raise OSError("away")
        return {key: NOW + timedelta(hours=12) for key in keys if key not in self.ended}

    def end(self, actor: Principal) -> None:
        """End the session, as another request of this worker would."""
        self.ended.add(key_of(actor))
        spread_end(self.signals, actor.person_id)

    def token(self, actor: Principal, *, is_bound: bool = False) -> str:
        subject = TokenSubject(
            person_id=actor.person_id,
            session_id=actor.session_id,
            kind=actor.kind,
            assurance=actor.assurance,
            authenticated_at=NOW,
            key_thumbprint=self.device.thumbprint if is_bound else None,
        )
        return self.tokens.issue(subject)


ANNA, BORIS = principal(1), principal(2)


@asynccontextmanager
async def served(worker: Worker) -> AsyncIterator[tuple[str, httpx2.AsyncClient]]:
    async with (
        kept_current(worker.live, worker.signals),
        serving(worker.endpoint) as url,
        http_client(timeout=20) as http,
    ):
        yield f"{url}/graphql", http


@pytest.fixture
def worker() -> Worker:
    return Worker(set(), SettableClock(NOW))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_an_ended_session_is_refused_at_once_over_http_s30(worker: Worker) -> None:
    anna, boris = bearer(worker.token(ANNA)), bearer(worker.token(BORIS))
    async with served(worker) as (url, http):
        assert (await http.post(url, json=WHO, headers=anna)).json()["data"]["who"] == str(ANNA.person_id)
        worker.end(ANNA)
        await until_async(lambda: _status(http, url, anna), 401)
        refused = await http.post(url, json=WHO, headers=anna)
        assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert refused.json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
        assert (await http.post(url, json=WHO, headers=boris)).status_code == 200


async def _status(http: httpx2.AsyncClient, url: str, headers: dict[str, str]) -> int:
    return (await http.post(url, json=WHO, headers=headers)).status_code


async def until_async(ask: Any, wanted: int) -> None:
    async def says_so() -> bool:
        return bool(await ask() == wanted)

    await until(says_so, what=f"status {wanted}")


async def test_a_session_whose_end_nobody_told_is_refused_within_ten_seconds_s30(worker: Worker) -> None:
    anna = bearer(worker.token(ANNA))
    async with served(worker) as (url, http):
        assert (await http.post(url, json=WHO, headers=anna)).status_code == 200
        worker.ended.add(key_of(ANNA))
        worker.clock.advance(timedelta(seconds=5))
        assert (await http.post(url, json=WHO, headers=anna)).status_code == 401


async def test_what_cannot_be_asked_is_503_after_ten_seconds_s30(worker: Worker) -> None:
    anna = bearer(worker.token(ANNA))
    async with served(worker) as (url, http):
        assert (await http.post(url, json=WHO, headers=anna)).status_code == 200
        worker.is_away = True
        worker.clock.advance(timedelta(seconds=9))
        assert (await http.post(url, json=WHO, headers=anna)).status_code == 200
        worker.clock.advance(timedelta(seconds=1))
        refused = await http.post(url, json=WHO, headers=anna)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        extensions = refused.json()["errors"][0]["extensions"]
        assert (extensions["code"], extensions["retryable"]) == ("SESSION_CHECK_UNAVAILABLE", True)


async def test_an_event_stream_ends_with_its_session_s18(worker: Worker) -> None:
    async with served(worker) as (url, http), AsyncExitStack() as stack:
        mine, other = [
            await stack.enter_async_context(
                http.stream("POST", url, json=FOREVER, headers={**STREAM, **bearer(worker.token(actor))})
            )
            for actor in (ANNA, BORIS)
        ]
        lines = mine.aiter_lines()
        assert await anext(lines) == "event: next"
        worker.end(ANNA)
        async with asyncio.timeout(20):
            rest = [line async for line in lines]
        assert "event: complete" not in rest  # so that the client comes again, and is told 401
        assert (worker.endpoint._streams.hub.watcher_count(), other.status_code) == (1, 200)


async def test_a_websocket_closes_with_its_session_also_without_a_subscription_s18(worker: Worker) -> None:
    async with served(worker) as (url, _http):
        base = url.removesuffix("/graphql")
        async with talking(base) as idle, talking(base) as busy, talking(base) as other:
            for talk, actor in ((idle, ANNA), (busy, ANNA), (other, BORIS)):
                await talk.start(authorization=f"Bearer {worker.token(actor)}")
            await busy.subscribe("a", FOREVER["query"])
            assert (await busy.hear())["type"] == "next"
            worker.end(ANNA)
            assert (await idle.close_code(), await busy.close_code()) == (4403, 4403)
            assert idle.socket.close_reason == "Session ended"
            await other.subscribe("a", "{ hello }")
            assert (await other.hear())["type"] == "next"
        async with talking(base) as late:
            await late.say(type="connection_init", payload=bearer(worker.token(ANNA)))
            assert await late.close_code() == 4403


async def test_long_connections_end_when_their_session_cannot_be_asked_about_s18(worker: Worker) -> None:
    async with served(worker) as (url, _http), talking(url.removesuffix("/graphql")) as talk:
        await talk.start(**bearer(worker.token(ANNA)))
        worker.is_away = True
        worker.clock.advance(timedelta(seconds=9))
        await worker.live.recheck()
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        worker.clock.advance(timedelta(seconds=1))
        await worker.live.recheck()
        assert await talk.close_code() == 1012
        async with talking(url.removesuffix("/graphql")) as late:
            await late.say(type="connection_init", payload=bearer(worker.token(BORIS)))
            assert await late.close_code() == 1012


async def test_the_word_reaches_another_worker_over_redis_s30(redis_url: str) -> None:
    """The sign-out is done in one worker; a WebSocket and requests of the other end, without its clock moving."""
    ended: set[SessionKey] = set()
    async with AsyncExitStack() as stack:
        workers = []
        for _ in range(2):
            redis = open_redis(redis_url)
            stack.push_async_callback(redis.aclose)
            signals = RedisSignals(redis)
            stack.push_async_callback(signals.close)
            workers.append(Worker(ended, SettableClock(NOW), signals))
        one, other = workers
        await stack.enter_async_context(served(one))
        url, http = await stack.enter_async_context(served(other))
        headers = bearer(other.token(ANNA))
        assert (await http.post(url, json=WHO, headers=headers)).status_code == 200
        talk = await stack.enter_async_context(talking(url.removesuffix("/graphql")))
        await talk.start(**headers)
        one.end(ANNA)
        assert await talk.close_code() == 4403
        await until_async(lambda: _status(http, url, headers), 401)


async def test_a_bound_token_is_taken_with_a_proof_over_each_transport_s26(worker: Worker) -> None:
    token = worker.token(ANNA, is_bound=True)
    async with served(worker) as (url, http):
        for method in ("POST", "GET"):
            headers = worker.device.headers(method, ENDPOINT, token)
            asked = (
                http.post(url, json=WHO, headers=headers)
                if method == "POST"
                else http.get(url, params=WHO, headers=headers)
            )
            assert (await asked).json()["data"]["who"] == str(ANNA.person_id)
        stream = {**STREAM, **worker.device.headers("POST", ENDPOINT, token)}
        async with http.stream("POST", url, json=FOREVER, headers=stream) as events:
            assert await anext(events.aiter_lines()) == "event: next"
        async with talking(url.removesuffix("/graphql")) as talk:
            await talk.start(**worker.device.headers("GET", ENDPOINT, token))
            await talk.subscribe("a", WHO["query"])
            assert (await talk.hear())["payload"]["data"] == {"who": str(ANNA.person_id)}


def _wrong_credentials(worker: Worker, case: str) -> tuple[list[tuple[str, str]], str, str]:
    """Return headers, and the code and the challenge they are refused with."""
    bound, device = worker.token(ANNA, is_bound=True), worker.device
    invalid_proof = ("DPOP_PROOF_INVALID", 'DPoP error="invalid_dpop_proof"')
    scheme = f"DPoP {bound}"
    proof = device.proof("POST", ENDPOINT, bound)
    cases: dict[str, tuple[list[tuple[str, str]], str, str]] = {
        "as a bearer": ([("authorization", f"Bearer {bound}")], "DPOP_REQUIRED", 'DPoP error="invalid_token"'),
        "a bearer with a proof": (
            [("authorization", f"Bearer {bound}"), ("dpop", proof)],
            "DPOP_REQUIRED",
            'DPoP error="invalid_token"',
        ),
        "without a proof": ([("authorization", scheme)], *invalid_proof),
        "with two proofs": ([("authorization", scheme), ("dpop", proof), ("dpop", proof)], *invalid_proof),
        "with another key": (
            [("authorization", scheme), ("dpop", DeviceKey(worker.clock).proof("POST", ENDPOINT, bound))],
            *invalid_proof,
        ),
        "with the proof of another token": (
            [("authorization", scheme), ("dpop", device.proof("POST", ENDPOINT, worker.token(BORIS)))],
            *invalid_proof,
        ),
        "with the proof of another method": (
            [("authorization", scheme), ("dpop", device.proof("GET", ENDPOINT, bound))],
            *invalid_proof,
        ),
        "an unbound one as bound": (
            [("authorization", f"DPoP {worker.token(ANNA)}"), ("dpop", proof)],
            "TOKEN_INVALID",
            'DPoP error="invalid_token"',
        ),
        "of 9 KB": ([("authorization", "DPoP " + "x" * 9_000)], "TOKEN_INVALID", 'DPoP error="invalid_token"'),
    }
    return cases[case]


@pytest.mark.parametrize(
    "case",
    [
        "as a bearer",
        "a bearer with a proof",
        "without a proof",
        "with two proofs",
        "with another key",
        "with the proof of another token",
        "with the proof of another method",
        "an unbound one as bound",
        "of 9 KB",
    ],
)
async def test_a_bound_token_is_refused_without_its_key_and_nothing_is_done_s26(worker: Worker, case: str) -> None:
    DEEDS.done.clear()
    headers, code, words = _wrong_credentials(worker, case)
    async with served(worker) as (url, http):
        body = {"query": 'mutation { act(name: "x") }'}
        refused = await http.post(url, json=body, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["extensions"]["code"] == code
    assert refused.headers["www-authenticate"] == f'{words}, algs="ES256 EdDSA PS256 RS256"'
    assert DEEDS.done == []


async def test_a_proof_is_good_for_one_request_s26(worker: Worker) -> None:
    headers = worker.device.headers("POST", ENDPOINT, worker.token(ANNA, is_bound=True))
    async with served(worker) as (url, http):
        answers = [await http.post(url, json=WHO, headers=headers) for _ in range(2)]
    assert [answered.status_code for answered in answers] == [200, 401]


@pytest.mark.parametrize("payload", [{}, {"dpop": 5}, {"dpop": "x"}, {"dpop": None}])
async def test_a_websocket_without_its_key_is_forbidden_s26(worker: Worker, payload: dict[str, Any]) -> None:
    authorization = f"DPoP {worker.token(ANNA, is_bound=True)}"
    async with served(worker) as (url, _http), talking(url.removesuffix("/graphql")) as talk:
        message = {"type": "connection_init", "payload": {"authorization": authorization, **payload}}
        await talk.socket.send(orjson.dumps(message).decode())
        assert await talk.close_code() == 4403
