"""The client is built from settings alone: both dialects, both signers, two keys, ESIA's key or certificate or JWKS."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from backend.clock import SettableClock
from identity.esia.assembly import build_esia, build_signing_keys
from identity.esia.cms_signer import CmsSigner
from identity.esia.command_signer import CommandSigner
from identity.esia.signer import RsaSigner, Signer
from identity.esia.transport import open_http
from identity.esia_settings import EsiaSettings
from identity.keys import (
    KeyUnusable,
    load_rsa_verification_key,
    make_certificate,
    make_ec_key,
    make_rsa_key,
    private_pem,
    public_pem,
)
from tests.factories.identity import CERTIFICATE, CLIENT_ID, CLIENT_KEY, ESIA_KEY, NOW

CLOCK = SettableClock(NOW)
KEY = {"text": SecretStr(private_pem(CLIENT_KEY).decode())}
OURS = {"text": SecretStr(CERTIFICATE.decode())}
ESIAS = {"text": SecretStr(public_pem(ESIA_KEY).decode())}
RSA = {"private_key": KEY, "certificate": OURS, "verification_key": ESIAS}


def settings(**changes: object) -> EsiaSettings:
    return EsiaSettings.model_validate(RSA | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, RsaSigner),
        ({"dialect": "v1"}, CmsSigner),
        ({"signer": "command", "command": {"argv": ["sign"]}}, CommandSigner),
        ({"signer": "command", "command": {"argv": ["sign"]}, "dialect": "v1"}, CommandSigner),
    ],
)
def test_settings_choose_the_signer(changes: dict[str, object], expected: type[Signer]) -> None:
    (key,) = build_signing_keys(settings(**changes), clock=CLOCK).in_turn()
    assert type(key.signer) is expected
    assert key.name == "current"


def test_a_key_signs_while_its_certificate_is_valid_and_the_settings_narrow_that() -> None:
    next_key = make_rsa_key()
    coming = make_certificate(next_key, name=CLIENT_ID, now=NOW + timedelta(days=10))
    given = {
        "private_key": {"text": private_pem(next_key).decode()},
        "certificate": {"text": coming.decode()},
        "signs_from": NOW + timedelta(days=12),
    }
    clock = SettableClock(NOW)
    keys = build_signing_keys(settings(next_key=given), clock=clock)
    assert [key.name for key in keys.in_turn()] == ["current"]
    clock.advance(timedelta(days=12) - timedelta(seconds=1))
    assert [key.name for key in keys.in_turn()] == ["current"]
    clock.advance(timedelta(seconds=1))
    assert [key.name for key in keys.in_turn()] == ["next", "current"]
    clock.advance(timedelta(days=3_640))
    assert [key.name for key in keys.in_turn()] == ["next"]


async def test_the_client_takes_a_key_a_certificate_or_a_jwks_and_never_none() -> None:
    certificate = {"text": make_certificate(ESIA_KEY, name="ESIA", now=NOW).decode()}
    async with open_http(settings()) as http:
        for good in (
            settings(),
            settings(verification_key=certificate),
            settings(next_verification_key=certificate),
            settings(verification_key={}, jwks_url="https://esia.example/jwks.json"),
        ):
            await build_esia(good, http=http, clock=CLOCK).close()
        with pytest.raises(ValueError, match="no key of ESIA"):
            build_esia(settings(verification_key={}), http=http, clock=CLOCK)
        with pytest.raises(ValueError, match="either jwks_url or verification_key"):
            settings(jwks_url="https://esia.example/jwks.json")
        with pytest.raises(ValueError, match="no command"):
            build_esia(settings(signer="command"), http=http, clock=CLOCK)
        with pytest.raises(ValueError, match="no PEM"):
            build_esia(settings(private_key={}), http=http, clock=CLOCK)


def test_esias_certificate_gives_its_key() -> None:
    assert load_rsa_verification_key(make_certificate(ESIA_KEY, name="E", now=NOW)) == ESIA_KEY.public_key()
    assert load_rsa_verification_key(public_pem(ESIA_KEY)) == ESIA_KEY.public_key()


@pytest.mark.parametrize(
    "pem", [b"", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", public_pem(make_ec_key())]
)
def test_what_is_no_rsa_key_is_refused(pem: bytes) -> None:
    with pytest.raises(KeyUnusable):
        load_rsa_verification_key(pem)


@pytest.mark.parametrize("given", ["0A", "0A" * 33, "ZZ" * 32])
def test_a_certificate_hash_has_its_form(given: str) -> None:
    with pytest.raises(ValueError, match="certificate_hash"):
        settings(certificate_hash=given)


FIT = {
    "base_url": "https://esia.example",
    "client_id": "REGION40",
    "is_simulator": False,
    "signer": "command",
    "command": {"argv": ["sign"]},
}


def test_v1_needs_no_hash_in_production_and_a_next_key_is_held_to_the_same() -> None:
    assert list(settings(**FIT, dialect="v1").unfit_for_production()) == []
    lacking = settings(**FIT, next_key={}).unfit_for_production()
    assert [line.partition(":")[0] for line in lacking] == [
        "identity.esia.certificate_hash",
        "identity.esia.next_key.command",
        "identity.esia.next_key.certificate",
        "identity.esia.next_key.certificate_hash",
    ]
