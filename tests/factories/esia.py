"""A simulated ESIA over a real socket, with a browser and our client at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from backend.clock import SettableClock
from identity.esia.client import EsiaClient, open_http
from identity.esia.dialects import V2_V3, format_timestamp, text_to_sign
from identity.esia.signer import RsaSigner, encode_secret
from identity.esia.simulated_client import SimulatorSettings
from identity.esia.simulator import create_simulator
from identity.esia.values import EsiaIdentity
from identity.settings import EsiaSettings
from tests.factories.identity import (
    CERTIFICATE,
    CLIENT_ID,
    CLIENT_KEY,
    ESIA_KEY,
    NOW,
    PEOPLE,
    Pkce,
    query_of,
)
from tests.plugins.serving import serving

REDIRECT = "https://zdorovye.example/auth/esia/callback"
SIGNER = RsaSigner(key=CLIENT_KEY, certificate_pem=CERTIFICATE)


@dataclass(slots=True)
class Side:
    """A browser and a client at the simulated ESIA."""

    url: str
    clock: SettableClock
    browser: httpx2.AsyncClient
    client: EsiaClient
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
            "client_certificate_hash": SIGNER.certificate_hash,
            "code_challenge": self.pkce.challenge,
            "code_challenge_method": "S256",
        } | changes
        signature = await SIGNER.sign(text_to_sign(V2_V3.signed_to_authorize, parameters))
        return {"client_secret": encode_secret(signature)} | parameters

    async def ask(self, parameters: dict[str, str]) -> httpx2.Response:
        return await self.browser.get(self.url + V2_V3.authorize_path, params=parameters)

    async def code(self, person: str = "anna", **changes: str) -> str:
        parameters = await self.authorization(**changes)
        chosen = await self.browser.post(self.url + V2_V3.authorize_path, params=parameters, data={"person": person})
        return query_of(chosen.headers["location"])["code"]

    async def exchange(self, code: str, /, **changes: str) -> httpx2.Response:
        form = await self.authorization(code=code, grant_type="authorization_code", code_verifier=self.pkce.verifier)
        form |= changes
        if "client_secret" not in changes:
            form["client_secret"] = encode_secret(await SIGNER.sign(text_to_sign(V2_V3.signed_to_exchange, form)))
        return await self.browser.post(self.url + V2_V3.token_path, data=form)

    async def fault(self, endpoint: str, kind: str, **more: float) -> None:
        body = {"endpoint": endpoint, "kind": kind} | more
        assert (await self.browser.post(f"{self.url}/_control/faults", json=body)).status_code == 200


@asynccontextmanager
async def simulated(*, confirmed_only: bool = False, control: bool = True) -> AsyncIterator[Side]:
    clock = SettableClock(NOW)
    settings = SimulatorSettings(
        client_id=CLIENT_ID,
        redirect_uris=(REDIRECT,),
        certificate_pem=CERTIFICATE,
        confirmed_only=confirmed_only,
        control=control,
    )
    outside = Starlette()
    outside.mount("/esia", create_simulator(lambda: PEOPLE, settings=settings, clock=clock, key=ESIA_KEY))
    async with serving(outside) as base_url:
        our = EsiaSettings(base_url=f"{base_url}/esia", client_id=CLIENT_ID, deadline_seconds=1.0)
        async with open_http(our) as http, httpx2.AsyncClient(trust_env=False, timeout=10) as browser:
            key = ESIA_KEY.public_key()
            client = EsiaClient(settings=our, signer=SIGNER, verification_key=key, http=http, clock=clock)
            yield Side(f"{base_url}/esia", clock, browser, client)


async def identify(side: Side, person: str) -> EsiaIdentity:
    verifier = Pkce().verifier
    url = await side.client.authorization_url(state=str(uuid4()), verifier=verifier, redirect_uri=REDIRECT)
    chosen = await side.browser.post(url, data={"person": person})
    code = query_of(chosen.headers["location"])["code"]
    return await side.client.identify(code=code, verifier=verifier, redirect_uri=REDIRECT)
