"""Proofs of a device's key: the corpus of those that must be refused (S23, S26)."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from redis.asyncio import Redis

from backend.clock import SettableClock
from backend.redis_connection import open_redis
from identity.dpop import Asked, DpopProofs, challenge, plain_address
from identity.errors import DpopProofInvalid
from identity.keys import make_rsa_key
from identity.replays import MemoryReplays, RedisReplays
from tests.factories.devices import DeviceKey, base64url
from tests.factories.identity import NOW
from tests.plugins.redis import RedisServer

URL = "https://zdorovye.example/graphql"
TOKEN = "an.access.token"
ASKED = Asked("POST", URL, TOKEN)


class Door:
    """A checker and a device whose clocks are the test's."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.device = DeviceKey(SettableClock(NOW))
        self.replays = MemoryReplays(clock=self.clock)
        self.proofs = DpopProofs(clock=self.clock, replays=self.replays)

    def good(self, **changes: Any) -> str:
        return self.device.proof("POST", URL, TOKEN, **changes)

    async def refuse(self, proof: str, asked: Asked = ASKED, *, expected: str | None = None) -> None:
        with pytest.raises(DpopProofInvalid):
            await self.proofs.check(proof, asked, expected=expected)


@pytest.fixture
def door() -> Door:
    return Door()


async def test_a_good_proof_names_its_key_s26(door: Door) -> None:
    assert await door.proofs.check(door.good(), ASKED) == door.device.thumbprint
    assert await door.proofs.check(door.good(), ASKED, expected=door.device.thumbprint) == door.device.thumbprint


async def test_the_example_of_the_rfc_has_the_thumbprint_of_the_rfc() -> None:
    """RFC 9449 §4.1 and §6.1: the very proof and thumbprint that stand there."""
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa"
        "0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6Il"
        "AtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY2"
        "9tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNy"
        "JK70nfbV37xRZT3Lg"
    )
    clock = SettableClock(NOW.fromtimestamp(1_562_262_616, NOW.tzinfo))
    proofs = DpopProofs(clock=clock, replays=MemoryReplays(clock=clock))
    asked = Asked("POST", "https://server.example.com/token")
    assert await proofs.check(proof, asked) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def _okp() -> tuple[Any, dict[str, Any], str]:
    key = ed25519.Ed25519PrivateKey.generate()
    return key, json.loads(OKPAlgorithm.to_jwk(key.public_key())), "EdDSA"


def _rsa(algorithm: str) -> tuple[Any, dict[str, Any], str]:
    key = make_rsa_key()
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return key, {name: public[name] for name in ("e", "kty", "n")}, algorithm


@pytest.mark.parametrize("make", [_okp, lambda: _rsa("PS256"), lambda: _rsa("RS256")])
async def test_other_kinds_of_keys_are_taken_too(
    door: Door, make: Callable[[], tuple[Any, dict[str, Any], str]]
) -> None:
    key, jwk, algorithm = make()
    body = json.dumps(door.device.claims("POST", URL, TOKEN)).encode()
    header = {"typ": "dpop+jwt", "jwk": {**jwk, "use": "sig", "key_ops": ["verify"], "ext": True}}
    thumbprint = await door.proofs.check(jwt.PyJWS().encode(body, key, algorithm=algorithm, headers=header), ASKED)
    assert len(thumbprint) == 43
    other = "PS256" if algorithm == "RS256" else "ES256"
    words = base64url(json.dumps({**header, "alg": other}).encode())
    signed = jwt.PyJWS().encode(body, key, algorithm=algorithm, headers=header).split(".")
    await door.refuse(".".join([words, *signed[1:]]))


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": "https://zdorovye.example/auth/token"},
        {"htu": "http://zdorovye.example/graphql"},
        {"htu": "https://zdorovye.example:444/graphql"},
        {"htu": "https://evil.example/graphql"},
        {"htu": "https://zdorovye.example@evil.example/graphql"},
        {"htu": "https://zdorovye.example/graphql/"},
        {"htu": "https://zdorovye.example/Graphql"},
        {"htu": "https://[::1/graphql"},
        {"htu": "graphql"},
        {"htu": ""},
        {"htu": None},
        {"htu": ["https://zdorovye.example/graphql"]},
        {"iat": int(NOW.timestamp()) - 61},
        {"iat": int(NOW.timestamp()) + 61},
        {"iat": str(int(NOW.timestamp()))},
        {"iat": NOW.timestamp() + 0.5},
        {"iat": True},
        {"iat": 10**30},
        {"iat": None},
        {"jti": ""},
        {"jti": "short"},
        {"jti": 12345678},
        {"jti": "x" * 300},
        {"ath": base64url(b"\0" * 32)},
        {"ath": None},
        {"ath": TOKEN},
    ],
)
async def test_a_proof_for_something_else_is_refused_s26(door: Door, changes: dict[str, Any]) -> None:
    await door.refuse(door.good(**changes))
    assert len(door.replays) == 0


@pytest.mark.parametrize("seconds", [-60, 60])
async def test_a_minute_of_difference_between_clocks_is_taken(door: Door, seconds: int) -> None:
    assert await door.proofs.check(door.good(iat=int(NOW.timestamp()) + seconds), ASKED) == door.device.thumbprint


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://ZDOROVYE.example/graphql",
        "https://zdorovye.example:443/graphql",
        "https://zdorovye.example/graphql?query=%7Bhello%7D",
        "https://zdorovye.example/graphql#place",
    ],
)
async def test_another_spelling_of_the_address_is_the_same_address(door: Door, htu: str) -> None:
    assert await door.proofs.check(door.good(htu=htu), ASKED) == door.device.thumbprint


@pytest.mark.parametrize("missing", ["jti", "htm", "htu", "iat", "ath"])
async def test_a_proof_without_a_claim_is_refused_s23(door: Door, missing: str) -> None:
    claims = door.device.claims("POST", URL, TOKEN)
    del claims[missing]
    await door.refuse(door.device.sign(claims))


_EC_SECRET = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
_P384 = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True)
_WEAK_RSA = RSAAlgorithm.to_jwk(
    rsa.generate_private_key(public_exponent=65_537, key_size=1_024).public_key(),  # noqa: S505 # the weak one to refuse
    as_dict=True,
)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "DPOP+JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"jwk": None},
        {"jwk": "key"},
        {"jwk": []},
        {"jwk": {}},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": dict(_EC_SECRET)},
        {"jwk": dict(_P384)},
        {"jwk": dict(_WEAK_RSA)},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA"}},
        {"kid": "of-the-server"},
        {"jku": "https://evil.example/jwks"},
        {"x5c": ["AA"]},
        {"crit": ["exp"]},
    ],
)
async def test_header_words_cannot_steer_the_check_s23(door: Door, header: dict[str, Any]) -> None:
    words = {"alg": "ES256", "typ": "dpop+jwt", "jwk": door.device.jwk} | header
    head = base64url(json.dumps(words).encode())
    body = base64url(json.dumps(door.device.claims("POST", URL, TOKEN)).encode())
    signature = jwt.get_algorithm_by_name("ES256").sign(f"{head}.{body}".encode(), door.device.key)
    await door.refuse(f"{head}.{body}.{base64url(signature)}")


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS256", "ES384", "RS256"])
async def test_another_algorithm_is_refused_s23(door: Door, algorithm: str) -> None:
    head = base64url(json.dumps({"alg": algorithm, "typ": "dpop+jwt", "jwk": door.device.jwk}).encode())
    good = door.good().split(".")
    for signature in ("", good[2]):
        await door.refuse(f"{head}.{good[1]}.{signature}")


async def test_a_proof_signed_by_another_key_than_it_names_is_refused_s23(door: Door) -> None:
    await door.refuse(DeviceKey(door.clock).sign(door.device.claims("POST", URL, TOKEN), jwk=door.device.jwk))


async def test_duplicate_members_are_refused_s23(door: Door) -> None:
    claims = json.dumps(door.device.claims("POST", URL, TOKEN))
    await door.refuse(door.device.sign((claims[:-1] + ', "htm": "POST"}').encode()))


@pytest.mark.parametrize("proof", ["", ".", "..", "a.b.c", "x" * 5_000, "." * 1_000_000, "я.я.я", "a.b.c, a.b.c"])
async def test_garbage_and_overlong_proofs_are_refused_s32(door: Door, proof: str) -> None:
    await door.refuse(proof)


async def test_fifty_megabytes_are_refused_undecoded_s32(door: Door) -> None:
    await door.refuse("A" * 50_000_000)


async def test_another_key_than_the_token_s_is_refused_and_not_noted_s26(door: Door) -> None:
    proof = door.good()
    await door.refuse(proof, expected=DeviceKey(door.clock).thumbprint)
    assert len(door.replays) == 0


async def test_a_proof_is_good_once_s26(door: Door) -> None:
    proof = door.good()
    assert await door.proofs.check(proof, ASKED) == door.device.thumbprint
    await door.refuse(proof)
    other = DeviceKey(door.clock)
    jti = json.loads(base64.urlsafe_b64decode(proof.split(".")[1] + "=="))["jti"]
    assert await door.proofs.check(other.proof("POST", URL, TOKEN, jti=jti), ASKED) == other.thumbprint


async def test_of_twenty_parallel_showings_one_is_taken(door: Door) -> None:
    proof = door.good()
    results = await asyncio.gather(*(door.proofs.check(proof, ASKED) for _ in range(20)), return_exceptions=True)
    assert [one for one in results if one == door.device.thumbprint] == [door.device.thumbprint]


async def test_what_cannot_be_shown_again_is_forgotten(door: Door) -> None:
    await door.proofs.check(door.good(), ASKED)
    door.clock.advance(timedelta(seconds=30))
    await door.proofs.check(door.good(), ASKED)
    assert len(door.replays) == 2
    door.clock.advance(timedelta(seconds=31))
    await door.refuse(door.good())  # by then the device's clock is too late, and it is not noted
    fresh = DeviceKey(door.clock)
    await door.proofs.check(fresh.proof("POST", URL, TOKEN), ASKED)
    assert len(door.replays) == 1


async def test_memory_is_bounded(door: Door) -> None:
    replays = MemoryReplays(clock=door.clock, most=10)
    for number in range(100):
        assert replays.note(f"{number}", good_until=NOW + timedelta(seconds=60))
    assert len(replays) == 10
    assert not replays.note("99", good_until=NOW + timedelta(seconds=60))


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else_escapes(text: str) -> None:
    asyncio.run(Door().refuse(text))


@given(st.text(max_size=60))
def test_an_address_is_compared_or_refused_and_nothing_else_escapes(text: str) -> None:
    try:
        scheme, host, _port, path = plain_address(text)
    except ValueError:
        return
    assert scheme in {"http", "https"}
    assert host
    assert path


def test_the_challenge_names_the_algorithms() -> None:
    assert challenge("invalid_token") == 'DPoP error="invalid_token", algs="ES256 EdDSA PS256 RS256"'


async def _two_workers(url: str) -> tuple[Redis, Redis, RedisReplays, RedisReplays]:
    one, other = open_redis(url), open_redis(url)
    clock = SettableClock(NOW)
    return one, other, RedisReplays(one, clock=clock), RedisReplays(other, clock=clock)


async def test_a_proof_shown_to_one_worker_is_refused_by_the_other_s26(redis_url: str) -> None:
    one, other, first, second = await _two_workers(redis_url)
    proof_id = DeviceKey(SettableClock(NOW)).thumbprint
    until = NOW + timedelta(seconds=60)
    taken = await asyncio.gather(*(worker.is_first(proof_id, good_until=until) for worker in (first, second) * 10))
    assert taken.count(True) == 1
    assert not await second.is_first(proof_id, good_until=until)
    await one.aclose()
    await other.aclose()


async def test_while_redis_is_away_each_worker_knows_its_own(redis_server: RedisServer) -> None:
    one, other, first, _second = await _two_workers(redis_server.url)
    until = NOW + timedelta(seconds=60)
    redis_server.kill()
    assert await first.is_first("proof", good_until=until)
    assert not await first.is_first("proof", good_until=until)
    assert await first.is_first("another", good_until=until)
    await one.aclose()
    await other.aclose()
