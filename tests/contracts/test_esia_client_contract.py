"""Our client of ESIA over a real socket: what it sends, reads, and makes of every failure."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from identity.errors import (
    EsiaAnswerInvalid,
    EsiaUnavailable,
    IdentityOperational,
    IdentityRefusal,
    SignInStateInvalid,
)
from identity.esia.client import EsiaClient
from identity.esia.errors import EsiaCredentialsRejected
from identity.esia.jwks import FixedKeys
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia.transport import open_http
from identity.esia_settings import EsiaSettings
from identity.principal import Assurance
from tests.factories.esia import REDIRECT, Side, identify, simulated
from tests.factories.identity import (
    ANNA,
    CERTIFICATE,
    CLIENT_ID,
    ESIA_KEY,
    NOW,
    SIGNER,
    SIMPLIFIED,
    STANDARD,
    Pkce,
    query_of,
)


def client_of(settings: EsiaSettings, http: httpx2.AsyncClient, side: Side) -> EsiaClient:
    return EsiaClient(
        settings=settings,
        signing_keys=SigningKeys([SigningKey("current", SIGNER)], clock=side.clock),
        keys=FixedKeys(ESIA_KEY.public_key()),
        http=http,
        clock=side.clock,
    )


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    async with simulated() as side:
        yield side


async def test_our_request_has_every_word_of_the_dialect(side: Side) -> None:
    state = str(uuid4())
    url = await side.client.authorization_url(state=state, verifier="v" * 43, redirect_uri=REDIRECT)
    assert url.startswith(f"{side.url}/aas/oauth2/v2/ac?")
    sent = query_of(url)
    der = x509.load_pem_x509_certificate(CERTIFICATE).public_bytes(Encoding.DER)
    assert sent.pop("client_certificate_hash") == hashlib.sha256(der).hexdigest().upper()
    assert not sent.pop("client_secret").endswith("=")
    assert sent == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": "openid fullname birthdate gender snils email mobile medical_doc "
        "kid_fullname kid_birthdate kid_gender kid_snils kid_birth_cert_doc",
        "state": state,
        "access_type": "online",
        "timestamp": "2026.11.22 09:00:00 +0000",
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }


async def test_client_reads_the_person(side: Side) -> None:
    verifier = Pkce().verifier
    url = await side.client.authorization_url(state=str(uuid4()), verifier=verifier, redirect_uri=REDIRECT)
    chosen = await side.browser.post(url, data={"person": "anna"})
    code = query_of(chosen.headers["location"])["code"]
    found = await side.client.identify(code=code, verifier=verifier, redirect_uri=REDIRECT)
    assert (found.issuer, found.subject) == ("http://esia.gosuslugi.ru/", str(ANNA.oid))
    assert (found.assurance, found.authenticated_at) == (Assurance.CONFIRMED, NOW)
    assert (found.facts.family_name, found.facts.birth_date, found.facts.snils) == (
        "Ёлкина",
        ANNA.birth_date,
        "11223344595",
    )
    assert [(one.kind, one.number, one.verified) for one in found.documents] == [
        ("MDCL_PLCY", "4006410835001233", False)
    ]
    with pytest.raises(SignInStateInvalid):
        await side.client.identify(code=code, verifier=verifier, redirect_uri=REDIRECT)


@pytest.mark.parametrize(
    ("oid", "assurance"), [(STANDARD.oid, Assurance.STANDARD), (SIMPLIFIED.oid, Assurance.SIMPLIFIED)]
)
async def test_unconfirmed_levels_are_told_apart(side: Side, oid: int, assurance: Assurance) -> None:
    assert (await identify(side, str(oid))).assurance is assurance


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("slow", EsiaUnavailable),
        ("error", EsiaUnavailable),
        ("overload", EsiaUnavailable),
        ("garbage", EsiaAnswerInvalid),
        ("huge", EsiaAnswerInvalid),
    ],
)
@pytest.mark.parametrize("endpoint", ["token", "person"])
async def test_client_translates_every_failure_and_then_works_again(
    endpoint: str, kind: str, expected: type[IdentityOperational | IdentityRefusal]
) -> None:
    async with simulated(deadline_seconds=2 if kind == "slow" else 20) as side:
        await side.fault(endpoint, kind, seconds=3)
        with pytest.raises(expected):
            await identify(side, "anna")
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_client_says_unavailable_when_nobody_listens() -> None:
    async with simulated() as side:
        client = side.client
        code, verifier = await side.code(), side.pkce.verifier
    our = EsiaSettings(base_url=side.url, client_id=CLIENT_ID)
    async with open_http(our) as http:
        client = client_of(our, http, side)
        with pytest.raises(EsiaUnavailable):
            await client.identify(code=code, verifier=verifier, redirect_uri=REDIRECT)


async def test_client_knows_that_its_own_set_up_is_wrong(side: Side) -> None:
    side.clock.advance(timedelta(seconds=1))
    other = EsiaSettings(base_url=side.url, client_id="ANOTHER")
    async with open_http(other) as http:
        client = client_of(other, http, side)
        with pytest.raises(EsiaCredentialsRejected):
            await client.identify(code="c", verifier="v" * 43, redirect_uri=REDIRECT)
