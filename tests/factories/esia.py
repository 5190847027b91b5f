"""A simulated ESIA over a real socket, with a browser and our client at it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from backend.clock import SettableClock
from identity.esia.client import EsiaClient
from identity.esia.dialects import DIALECTS, V2_V3, Dialect, SignatureForm, format_timestamp, text_to_sign
from identity.esia.jwks import EsiaKeys, FixedKeys, JwksKeys
from identity.esia.signer import Signer, encode_secret
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia.simulated_client import JWKS_PATH, SimulatorSettings
from identity.esia.simulator import create_simulator
from identity.esia.transport import open_http
from identity.esia.values import EsiaIdentity
from identity.esia_settings import EsiaSettings
from tests.factories.identity import (
    CERTIFICATE,
    CLIENT_ID,
    CMS_SIGNER,
    ESIA_KEY,
    NOW,
    PATIENT_WITH_ESIA,
    PEOPLE,
    SIGNER,
    Pkce,
    query_of,
)
from tests.plugins.http import http_client
from tests.plugins.serving import serving

REDIRECT = "https://zdorovye.example/auth/esia/callback"
SETTINGS = SimulatorSettings(client_id=CLIENT_ID, redirect_uris=(REDIRECT,), certificate_pem=CERTIFICATE)


def signer_of(dialect: Dialect) -> Signer:
    return CMS_SIGNER if dialect.signature is SignatureForm.CMS else SIGNER


@dataclass(slots=True)
class Side:
    """A browser and a client at the simulated ESIA."""

    url: str
    clock: SettableClock
    browser: httpx2.AsyncClient
    client: EsiaClient
    dialect: Dialect = V2_V3
    pkce: Pkce = field(default_factory=Pkce)

    async def authorization(self, **changes: str) -> dict[str, str]:
        """Parameters of a good request; `changes` are made before signing."""
        parameters = {
            "client_id": CLIENT_ID,
            "scope": "openid fullname",
            "timestamp": format_timestamp(self.clock()),
            "state": str(uuid4()),
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "access_type": "online",
        }
        if self.dialect.proves_key:
            parameters |= {"code_challenge": self.pkce.challenge, "code_challenge_method": "S256"}
        if self.dialect.sends_certificate_hash:
            parameters["client_certificate_hash"] = SIGNER.certificate_hash
        parameters |= changes
        return {"client_secret": await self.sign(self.dialect.signed_to_authorize, parameters)} | parameters

    async def sign(self, names: tuple[str, ...], parameters: Mapping[str, str]) -> str:
        return encode_secret(await signer_of(self.dialect).sign(text_to_sign(names, parameters)))

    async def ask(self, parameters: dict[str, str]) -> httpx2.Response:
        return await self.browser.get(self.url + self.dialect.authorize_path, params=parameters)

    async def choose(self, person: str = "anna", **changes: str) -> dict[str, str]:
        """Pick a person and return what came back: code and state, or an error."""
        parameters = await self.authorization(**changes)
        chosen = await self.browser.post(
            self.url + self.dialect.authorize_path, params=parameters, data={"person": person}
        )
        return query_of(chosen.headers["location"])

    async def code(self, person: str = "anna", **changes: str) -> str:
        return (await self.choose(person, **changes))["code"]

    async def exchange(self, code: str, /, **changes: str) -> httpx2.Response:
        form = await self.authorization(code=code, grant_type="authorization_code")
        if self.dialect.proves_key:
            form["code_verifier"] = self.pkce.verifier
        form |= changes
        if "client_secret" not in changes:
            form["client_secret"] = await self.sign(self.dialect.signed_to_exchange, form)
        return await self.browser.post(self.url + self.dialect.token_path, data=form)

    async def fault(self, endpoint: str, kind: str, **more: float) -> None:
        await self.order("faults", {"endpoint": endpoint, "kind": kind, **more})

    async def order(self, what: str, body: Mapping[str, object]) -> None:
        assert (await self.browser.post(f"{self.url}/_control/{what}", json=body)).status_code == 200


@asynccontextmanager
async def simulated(
    *,
    confirmed_only: bool = False,
    control: bool = True,
    simulator: SimulatorSettings = SETTINGS,
    jwks: bool = False,
    signing_keys: Sequence[SigningKey] | None = None,
    clock: SettableClock | None = None,
    **ours: object,
) -> AsyncIterator[Side]:
    """Serve a simulated ESIA; `ours` are changes to our own settings, `jwks` reads its keys instead of fixed ones."""
    clock = clock or SettableClock(NOW)
    settings = replace(simulator, confirmed_only=confirmed_only, control=control)
    outside = Starlette()
    outside.mount("/esia", create_simulator(lambda: PEOPLE, settings=settings, clock=clock, key=ESIA_KEY))
    async with serving(outside) as base_url:
        url = f"{base_url}/esia"
        our = EsiaSettings.model_validate({"base_url": url, "client_id": CLIENT_ID} | PATIENT_WITH_ESIA | ours)
        dialect = DIALECTS[our.dialect]
        keys_at_hand = signing_keys or [SigningKey("current", signer_of(dialect))]
        async with open_http(our) as http, http_client(timeout=10) as browser:
            keys: EsiaKeys = FixedKeys(ESIA_KEY.public_key())
            if jwks:
                keys = JwksKeys(url + JWKS_PATH, http=http, clock=clock, timeout_seconds=our.read_timeout_seconds)
            client = EsiaClient(
                settings=our,
                signing_keys=SigningKeys(keys_at_hand, clock=clock),
                keys=keys,
                http=http,
                clock=clock,
            )
            yield Side(url, clock, browser, client, dialect)
            await client.close()


async def identify(side: Side, person: str) -> EsiaIdentity:
    verifier = Pkce().verifier
    url = await side.client.authorization_url(state=str(uuid4()), verifier=verifier, redirect_uri=REDIRECT)
    chosen = await side.browser.post(url, data={"person": person})
    code = query_of(chosen.headers["location"])["code"]
    return await side.client.identify(code=code, verifier=verifier, redirect_uri=REDIRECT)
