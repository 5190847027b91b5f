"""Systems sign in by private_key_jwt; every bad assertion is refused alike and leaves nothing."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from jwt.algorithms import ECAlgorithm
from pydantic import SecretStr
from sqlmodel import select

from backend.database import Database
from identity.errors import TokenRefused
from identity.keys import make_ec_key, make_rsa_key, public_pem
from identity.live_sessions import key_of
from identity.pem import Pem
from identity.principal import ActorKind
from identity.routes import describe
from identity.settings import AppSettings, IdentitySettings
from identity.staff_settings import SystemKeySettings, SystemSettings
from identity.system_sessions import person_id_of
from identity.tables import Session
from tests.factories.devices import DeviceKey, base64url
from tests.factories.identity import House, open_house
from tests.identity.rows import NOTHING, count_rows

OGRN = "1027700132195"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC, NEXT, RSA, FOREIGN = make_ec_key(), make_ec_key(), make_rsa_key(), make_ec_key()
PUBLIC_JWK = {**ECAlgorithm.to_jwk(NEXT.public_key(), as_dict=True), "kid": "next", "use": "sig", "alg": "ES256"}


def pem(key: Any) -> Pem:
    return Pem(text=SecretStr(public_pem(key).decode()))


SYSTEMS = (
    SystemSettings(
        client_id="registry",
        ogrn=OGRN,
        keys=(SystemKeySettings(kid="now", pem=pem(EC)), SystemKeySettings(kid="next", jwk=PUBLIC_JWK)),
        must_bind=False,
    ),
    SystemSettings(client_id="laboratory", ogrn=OGRN, keys=(SystemKeySettings(kid="rsa", pem=pem(RSA)),)),
)


@pytest.fixture
async def hall(database: Database) -> AsyncIterator[House]:
    """A house with two systems."""
    async with open_house(database, systems=SYSTEMS) as house:
        yield house


@dataclass(slots=True)
class Assertion:
    """A good one of the registry; what differs is set."""

    house: House
    key: Any = EC
    algorithm: str = "ES256"
    header: dict[str, Any] = field(default_factory=lambda: {"kid": "now"})
    claims: dict[str, Any] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)

    def at(self, seconds: float) -> int:
        return int((self.house.clock() + timedelta(seconds=seconds)).timestamp())

    def body(self) -> bytes:
        good = {"iss": "registry", "sub": "registry", "aud": self.house.url, "jti": str(uuid4())}
        claims = good | {"iat": self.at(0), "exp": self.at(60)} | self.claims
        return json.dumps({name: value for name, value in claims.items() if value is not None}).encode()

    def text(self) -> str:
        return jwt.PyJWS().encode(self.body(), self.key, algorithm=self.algorithm, headers=self.header)

    async def send(self, text: str | None = None, device: DeviceKey | None = None) -> httpx2.Response:
        good = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": self.text() if text is None else text,
        }
        url = self.house.token_url
        proof = {} if device is None else {"dpop": device.proof("POST", url)}
        return await self.house.post_form(url, good | self.form, proof)


async def test_a_system_gets_a_short_token_and_no_refresh_token(hall: House) -> None:
    answered = await Assertion(hall).send()
    body = answered.json()
    assert answered.status_code == 200
    assert {name: body[name] for name in body if name != "access_token"} == {"token_type": "Bearer", "expires_in": 600}
    principal = hall.tokens.verify(body["access_token"])
    assert (principal.kind, principal.organization, principal.level) == (ActorKind.SERVICE, OGRN, None)
    assert principal.person_id == person_id_of("registry")
    async with hall.database.reading() as session:
        [row] = (await session.exec(select(Session))).all()
    assert (row.person_id, row.id) == (principal.person_id, principal.session_id)
    assert row.expires_at == hall.clock() + timedelta(minutes=10)


async def test_it_is_the_same_system_each_time_and_each_token_has_its_own_session(hall: House) -> None:
    first, second = [hall.tokens.verify((await Assertion(hall).send()).json()["access_token"]) for _ in range(2)]
    assert first.person_id == second.person_id
    assert first.session_id != second.session_id
    assert (await count_rows(hall.database)) == {**NOTHING, "accounts": 1, "sessions": 2}


async def test_its_session_can_be_ended(hall: House) -> None:
    token = (await Assertion(hall).send()).json()["access_token"]
    principal = hall.tokens.verify(token)
    await hall.live.require(key_of(principal))
    ended = await hall.post_form(f"{hall.url}/auth/logout", {}, {"authorization": f"Bearer {token}"})
    assert ended.status_code == 204
    hall.live.doubt(principal.person_id.bytes[-1] % 64)
    with pytest.raises(TokenRefused):
        await hall.live.require(key_of(principal))


@pytest.mark.parametrize("audience", ["", "/auth/token"], ids=["issuer", "token endpoint"])
@pytest.mark.parametrize(("key", "kid"), [(EC, "now"), (NEXT, "next")], ids=["PEM", "JWK"])
async def test_either_audience_and_both_keys_of_a_change_will_do(
    hall: House, audience: str, key: Any, kid: str
) -> None:
    good = Assertion(hall, key=key, header={"kid": kid}, claims={"aud": hall.url + audience})
    assert (await good.send()).status_code == 200


async def test_a_system_that_must_bind_shows_a_key(hall: House) -> None:
    rsa: dict[str, Any] = {"key": RSA, "algorithm": "PS256", "header": {"kid": "rsa"}}
    claims = {"iss": "laboratory", "sub": "laboratory"}
    bare = await Assertion(hall, claims=claims, **rsa).send()
    assert (bare.status_code, bare.json()["code"]) == (400, "DPOP_PROOF_INVALID")
    assert await count_rows(hall.database) == NOTHING
    bound = (await Assertion(hall, claims=claims, **rsa).send(device=hall.device)).json()
    assert bound["token_type"] == "DPoP"
    assert hall.tokens.verify(bound["access_token"]).key_thumbprint == hall.device.thumbprint


def by_hmac(one: Assertion) -> str:
    """HS256 with our own public key as the secret: the confusion of algorithms."""
    head = base64url(json.dumps({"alg": "HS256", "kid": "now"}).encode())
    signed = f"{head}.{base64url(one.body())}"
    return f"{signed}.{base64url(hmac.digest(public_pem(EC), signed.encode(), hashlib.sha256))}"


def unsigned(one: Assertion) -> str:
    head = base64url(json.dumps({"alg": "none", "kid": "now"}).encode())
    return f"{head}.{base64url(one.body())}."


BAD: dict[str, Callable[[House], tuple[Assertion, str | None]]] = {
    "another audience": lambda house: (Assertion(house, claims={"aud": "https://elsewhere.example"}), None),
    "a list of audiences": lambda house: (Assertion(house, claims={"aud": [house.url]}), None),
    "no audience": lambda house: (Assertion(house, claims={"aud": None}), None),
    "expired": lambda house: (Assertion(house, claims={"exp": Assertion(house).at(0)}), None),
    "no end": lambda house: (Assertion(house, claims={"exp": None}), None),
    "an end too far": lambda house: (Assertion(house, claims={"exp": Assertion(house).at(311)}), None),
    "of the future": lambda house: (Assertion(house, claims={"iat": Assertion(house).at(11)}), None),
    "not yet": lambda house: (Assertion(house, claims={"nbf": Assertion(house).at(11)}), None),
    "a time of text": lambda house: (Assertion(house, claims={"exp": str(Assertion(house).at(60))}), None),
    "no jti": lambda house: (Assertion(house, claims={"jti": None}), None),
    "a short jti": lambda house: (Assertion(house, claims={"jti": "1"}), None),
    "another subject": lambda house: (Assertion(house, claims={"sub": "laboratory"}), None),
    "another issuer": lambda house: (Assertion(house, claims={"iss": "laboratory"}), None),
    "an issuer that is no text": lambda house: (Assertion(house, claims={"iss": {"a": 1}}), None),
    "unknown system": lambda house: (Assertion(house, claims={"iss": "nobody", "sub": "nobody"}), None),
    "an app": lambda house: (Assertion(house, claims={"iss": "ios", "sub": "ios"}), None),
    "another client_id": lambda house: (Assertion(house, form={"client_id": "laboratory"}), None),
    "foreign key": lambda house: (Assertion(house, key=FOREIGN), None),
    "another system's key": lambda house: (
        Assertion(house, key=RSA, algorithm="PS256", header={"kid": "rsa"}),
        None,
    ),
    "the other key's kid": lambda house: (Assertion(house, key=EC, header={"kid": "next"}), None),
    "no kid": lambda house: (Assertion(house, header={}), None),
    "RS256 of an RSA key": lambda house: (
        Assertion(
            house,
            key=RSA,
            algorithm="RS256",
            header={"kid": "rsa"},
            claims={"iss": "laboratory", "sub": "laboratory"},
        ),
        None,
    ),
    "a key of its own": lambda house: (
        Assertion(house, key=FOREIGN, header={"kid": "now", "jwk": DeviceKey(house.clock, FOREIGN).jwk}),
        None,
    ),
    "a foreign type": lambda house: (Assertion(house, header={"kid": "now", "typ": "at+jwt"}), None),
    "HS256 by the public key": lambda house: (Assertion(house), by_hmac(Assertion(house))),
    "unsigned": lambda house: (Assertion(house), unsigned(Assertion(house))),
    "no assertion": lambda house: (Assertion(house), ""),
    "no JWT": lambda house: (Assertion(house), "a.b.c"),
    "too long": lambda house: (Assertion(house, claims={"pad": "x" * 8_192}), None),
    "another type of assertion": lambda house: (
        Assertion(house, form={"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}),
        None,
    ),
}


async def test_bad_assertions_are_refused_alike(hall: House) -> None:
    answers = {}
    for name, make in BAD.items():
        one, text = make(hall)
        answered = await one.send(text)
        answers[name] = (answered.status_code, answered.json())
    uniform = {
        "error": "invalid_client",
        "error_description": "ru: CLIENT_NOT_AUTHENTICATED",
        "code": "CLIENT_NOT_AUTHENTICATED",
    }
    assert {name: answer for name, answer in answers.items() if answer != (401, uniform)} == {}
    assert await count_rows(hall.database) == NOTHING


async def test_an_assertion_is_good_once(hall: House) -> None:
    text = Assertion(hall).text()
    assert (await Assertion(hall).send(text)).status_code == 200
    again = await Assertion(hall).send(text)
    assert (again.status_code, again.json()["code"]) == (401, "CLIENT_NOT_AUTHENTICATED")
    assert (await count_rows(hall.database))["sessions"] == 1


async def test_times_are_taken_to_the_second(hall: House) -> None:
    for claims in ({"exp": Assertion(hall).at(1)}, {"exp": Assertion(hall).at(310)}, {"iat": Assertion(hall).at(10)}):
        assert (await Assertion(hall, claims=claims).send()).status_code == 200


async def test_there_are_no_scopes_yet(hall: House) -> None:
    refused = await Assertion(hall, form={"scope": "everything"}).send()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    assert await count_rows(hall.database) == NOTHING


def test_the_metadata_say_so() -> None:
    told = describe(IdentitySettings().tokens)
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert told["token_endpoint_auth_methods_supported"] == ["none", "private_key_jwt"]
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "PS256"]


def test_refuses_settings_of_a_system_without_one_key_by_one_name() -> None:
    for wrong in (
        {"kid": "a"},
        {"kid": "a", "pem": pem(EC), "jwk": PUBLIC_JWK},
    ):
        with pytest.raises(ValueError, match="either pem or jwk"):
            SystemKeySettings(**wrong)
    key = SystemKeySettings(kid="a", pem=pem(EC))
    with pytest.raises(ValueError, match="kid of its own"):
        SystemSettings(client_id="x", ogrn=OGRN, keys=(key, key))
    app = AppSettings(client_id="registry", redirect_uris=("https://a.example/b",))
    with pytest.raises(ValueError, match="client_id of its own"):
        IdentitySettings(apps=(app,), systems=SYSTEMS)
