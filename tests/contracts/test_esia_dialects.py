"""Both dialects over a real socket: the same person, the same refusals, and nothing of one taken by the other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import load_pem_x509_certificate

from identity.errors import SignInStateInvalid
from identity.esia.cms_signer import CmsSigner
from identity.esia.dialects import V1, V2_V3, text_to_sign
from identity.esia.signer import encode_secret
from identity.keys import make_certificate, make_rsa_key
from identity.principal import Assurance
from tests.factories.esia import REDIRECT, Side, identify, simulated
from tests.factories.identity import ANNA, CERTIFICATE, CLIENT_ID, CLIENT_KEY, CMS_SIGNER, NOW, SIGNER, query_of


@pytest.fixture
async def v1() -> AsyncIterator[Side]:
    async with simulated(dialect="v1") as side:
        yield side


@pytest.fixture(params=["v1", "v2_v3"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with simulated(dialect=request.param) as side:
        yield side


def test_strings_to_sign_of_v1_are_the_same_at_both_ends() -> None:
    parameters = {"client_id": "C", "scope": "a b", "timestamp": "T", "state": "S", "redirect_uri": "R", "code": "K"}
    assert text_to_sign(V1.signed_to_authorize, parameters) == b"a bTCS"
    assert text_to_sign(V1.signed_to_exchange, parameters) == b"a bTCS"


async def test_v1_sends_no_certificate_hash_and_no_challenge(v1: Side) -> None:
    url = await v1.client.authorization_url(state="s", verifier="v" * 43, redirect_uri=REDIRECT)
    assert url.startswith(f"{v1.url}/aas/oauth2/ac?")
    assert set(query_of(url)) == {
        *("response_type", "client_id", "client_secret", "redirect_uri", "scope"),
        *("state", "access_type", "timestamp"),
    }


async def test_a_person_signs_in_by_each_dialect(side: Side) -> None:
    found = await identify(side, "anna")
    assert (found.subject, found.assurance) == (str(ANNA.oid), Assurance.CONFIRMED)


async def test_a_code_works_once_and_for_a_minute_in_each_dialect(side: Side) -> None:
    code, late = await side.code(), await side.code()
    assert (await side.exchange(code)).status_code == 200
    assert "ESIA-007011" in (await side.exchange(code)).text
    side.clock.advance(timedelta(minutes=1))
    assert "ESIA-007011" in (await side.exchange(late)).text
    with pytest.raises(SignInStateInvalid):
        await side.client.identify(code=late, verifier=side.pkce.verifier, redirect_uri=REDIRECT)


async def test_a_code_of_one_dialect_is_nothing_to_the_other(v1: Side) -> None:
    code = await v1.code()
    v1.dialect = V2_V3
    assert "ESIA-007011" in (await v1.exchange(code)).text


async def forged() -> dict[str, str]:
    """By name the secrets that v1 must refuse, over the text `TEXT`."""
    stranger = make_rsa_key()
    foreign = CmsSigner(key=stranger, certificate_pem=make_certificate(stranger, name=CLIENT_ID, now=NOW))
    builder = PKCS7SignatureBuilder().set_data(b"another text")
    signed = builder.add_signer(load_pem_x509_certificate(CERTIFICATE), CLIENT_KEY, SHA256())
    return {
        "foreign": encode_secret(await foreign.sign(TEXT)),
        "raw": encode_secret(await SIGNER.sign(TEXT)),
        "another text": encode_secret(signed.sign(Encoding.DER, [PKCS7Options.DetachedSignature])),
        "text inside": encode_secret(signed.sign(Encoding.DER, [PKCS7Options.Binary])),
        "cut": encode_secret((await CMS_SIGNER.sign(TEXT))[:-40]),
        "garbage": "garbage",
        "cyrillic": "подпись",
        "long": "A" * 40_000,
    }


TEXT = b"any"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("foreign", "007002"),
        ("raw", "007053"),
        ("another text", "007053"),
        ("text inside", "007053"),
        ("cut", "007053"),
        ("garbage", "007053"),
        ("cyrillic", "007053"),
    ],
)
@pytest.mark.parametrize("endpoint", ["authorize", "token"])
async def test_v1_refuses_every_other_signature(v1: Side, endpoint: str, name: str, code: str) -> None:
    secret = (await forged())[name]
    if endpoint == "authorize":
        answered = await v1.ask(await v1.authorization() | {"client_secret": secret})
        told = query_of(answered.headers["location"])["error_description"]
    else:
        told = (await v1.exchange(await v1.code(), client_secret=secret)).json()["error_description"]
    assert f"ESIA-{code}" in told


async def test_a_secret_longer_than_any_signature_is_refused(v1: Side) -> None:
    answered = await v1.exchange(await v1.code(), client_secret=(await forged())["long"])
    assert "ESIA-007053" in answered.text


async def test_v1_takes_a_signature_over_its_own_text_only(v1: Side) -> None:
    good = await v1.authorization()
    for name in V1.signed_to_authorize:
        changed = {"scope": "openid", "timestamp": "2026.11.22 09:00:01 +0000", "state": "another"}.get(name)
        if changed is not None:
            answered = await v1.ask(good | {name: changed})
            assert "ESIA-007053" in query_of(answered.headers["location"])["error_description"]
    assert (await v1.ask(good)).status_code == 200
