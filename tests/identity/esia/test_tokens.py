"""The header of ESIA's tokens chooses nothing: another kind, an odd `kid`, words of foreign keys are refused (S23)."""

import base64
from collections.abc import Mapping

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import SettableClock
from identity.errors import EsiaAnswerInvalid
from identity.esia.jwks import FixedKeys
from identity.esia.oauth_wire import TokenAnswer
from identity.esia.tokens import EsiaTokens
from identity.esia_settings import EsiaSettings
from identity.keys import make_rsa_key
from tests.factories.identity import CLIENT_ID, ESIA_KEY, NOW

STRANGER = make_rsa_key()
EARLIER = make_rsa_key()
ISSUED = int(NOW.timestamp())
OID = 1_000_000_001
ISSUER = "http://esia.gosuslugi.ru/"
ACCESS: dict[str, object] = {
    "iss": ISSUER,
    "client_id": CLIENT_ID,
    "urn:esia:sbj_id": OID,
    "iat": ISSUED,
    "nbf": ISSUED,
    "exp": ISSUED + 3_600,
}
IDENTITY: dict[str, object] = {
    "iss": ISSUER,
    "aud": CLIENT_ID,
    "sub": OID,
    "iat": ISSUED,
    "nbf": ISSUED,
    "exp": ISSUED + 10_800,
    "auth_time": ISSUED,
    "amr": "PWD",
    "urn:esia:sbj": {"urn:esia:sbj:typ": "P", "urn:esia:sbj:is_tru": True, "urn:esia:sbj:oid": OID},
}


def signed(header: Mapping[str, object], claims: Mapping[str, object], key: RSAPrivateKey = ESIA_KEY) -> str:
    """A token made by hand, for a library refuses to make such ones."""
    parts = [base64.urlsafe_b64encode(orjson.dumps(dict(part))).rstrip(b"=") for part in (header, claims)]
    text = b".".join(parts)
    signature = base64.urlsafe_b64encode(key.sign(text, PKCS1v15(), SHA256())).rstrip(b"=")
    return (text + b"." + signature).decode()


def answer(access: str | None = None, identity: str | None = None) -> TokenAnswer:
    return TokenAnswer(
        access_token=access or signed({"alg": "RS256", "sbt": "access"}, ACCESS),
        id_token=identity or signed({"alg": "RS256", "sbt": "id"}, IDENTITY),
        state="s",
        token_type="Bearer",
    )


def tokens() -> EsiaTokens:
    keys = FixedKeys(EARLIER.public_key(), ESIA_KEY.public_key())
    return EsiaTokens(settings=EsiaSettings(client_id=CLIENT_ID), keys=keys, clock=SettableClock(NOW))


async def test_a_token_without_kid_is_tried_with_each_known_key() -> None:
    assert (await tokens().check(answer())).sub == OID


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256", "sbt": "id"},
        {"alg": "RS256"},
        {"alg": "RS256", "sbt": "access", "kid": ["k"]},
        {"alg": "RS256", "sbt": "access", "kid": 1},
        {"alg": "RS256", "sbt": "access", "kid": "k" * 201},
        {"alg": "RS256", "sbt": "access", "jku": "https://evil.example/jwks.json"},
        {"alg": "RS256", "sbt": "access", "x5u": "https://evil.example/"},
        {"alg": "RS256", "sbt": "access", "jwk": {"kty": "RSA"}},
        {"alg": "RS256", "sbt": "access", "crit": ["exp"]},
        {"alg": "RS384", "sbt": "access"},
        {"alg": "GOST3410_2012_256", "sbt": "access"},
        {"alg": "none", "sbt": "access"},
        {"alg": "HS256", "sbt": "access"},
    ],
)
async def test_a_header_of_another_form_is_refused_s23(header: dict[str, object]) -> None:
    with pytest.raises(EsiaAnswerInvalid):
        await tokens().check(answer(access=signed(header, ACCESS)))


@pytest.mark.parametrize("place", ["access", "identity"])
async def test_another_key_is_refused_s23(place: str) -> None:
    claims = {"access": ("access", ACCESS), "identity": ("id", IDENTITY)}[place]
    forged = signed({"alg": "RS256", "sbt": claims[0]}, claims[1], STRANGER)
    with pytest.raises(EsiaAnswerInvalid):
        await tokens().check(answer(**{place: forged}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://esia.gosuslugi.ru"},
        {"iss": "https://esia.gosuslugi.ru/"},
        {"client_id": "ANOTHER"},
        {"exp": str(ISSUED + 3_600)},
        {"exp": ISSUED - 60},
        {"nbf": ISSUED + 61},
        {"iat": ISSUED + 61},
        {"urn:esia:sbj_id": OID + 1},
        {"urn:esia:sbj_id": str(OID)},
    ],
)
async def test_an_access_token_of_other_claims_is_refused_s23(changes: dict[str, object]) -> None:
    with pytest.raises(EsiaAnswerInvalid):
        await tokens().check(answer(access=signed({"alg": "RS256", "sbt": "access"}, ACCESS | changes)))


@pytest.mark.parametrize("size", [9_000, 50_000_000])
async def test_a_token_too_long_is_refused_undecoded_s32(size: int) -> None:
    with pytest.raises(EsiaAnswerInvalid):
        await tokens().check(answer(access="a" * size))


@given(st.text(max_size=200))
async def test_no_text_is_a_token_by_chance(text: str) -> None:
    with pytest.raises(EsiaAnswerInvalid):
        await tokens().check(answer(access=text or "."))
