"""The demo region's kiosk: holds its own key, signs whoever comes in through ESIA, and asks by text."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2

from identity.development_keys import KIOSK_KEY
from identity.keys import load_ec_private_key
from mobile_contracts.manifest import Operation
from tests.factories.devices import DeviceKey
from tests.factories.identity import Pkce
from tests.journeys.documents import trusted
from tests.journeys.region import Region

REDIRECT = "http://127.0.0.1/signed-in"


@dataclass(slots=True)
class Machine:
    """One kiosk; the tokens are those of whoever stands at it."""

    region: Region
    access_token: str = ""
    refresh_token: str = ""
    key: DeviceKey = field(init=False)

    def __post_init__(self) -> None:
        """Take the key that lies in the machine."""
        pem = (self.region.settings.data_dir / "keys" / KIOSK_KEY).read_bytes()
        self.key = DeviceKey(self.region.clock, load_ec_private_key(pem))

    async def sign_in(self, nick: str) -> None:
        """Sign a demo person in."""
        http, url, pkce = self.region.http, self.region.base_url, Pkce()
        asked = {
            "client_id": "kiosk",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
            "state": "kiosk",
            "dpop_jkt": self.key.thumbprint,
        }
        start = await http.get(f"{url}/auth/esia/start", params=asked)
        assert start.status_code == 302, start.text
        chosen = await http.post(start.headers["location"], data={"person": nick})
        back = await http.get(chosen.headers["location"])
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        answer = await self.post_token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=pkce.verifier
        )
        assert answer.status_code == 200, answer.text
        self.access_token, self.refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]

    async def post_token(self, **form: str) -> httpx2.Response:
        """Send a form to the token endpoint, with a proof of the machine's key."""
        url = f"{self.region.base_url}/auth/token"
        headers = {"dpop": self.key.proof("POST", url)}
        return await self.region.http.post(url, data={"client_id": "kiosk", **form}, headers=headers)

    def credentials(self, method: str = "POST") -> dict[str, str]:
        """Return the headers that show who asks."""
        return self.key.headers(method, f"{self.region.base_url}/graphql", self.access_token)

    async def send_document(self, operation: Operation, variables: dict[str, Any]) -> httpx2.Response:
        """Send a published operation by its id."""
        url, body = f"{self.region.base_url}/graphql", trusted(operation, variables)
        return await self.region.http.post(url, json=body, headers=self.credentials())

    async def send(self, query: str, **variables: Any) -> httpx2.Response:
        """Send a document and return the raw answer."""
        body = {"query": query, "variables": variables}
        return await self.region.http.post(f"{self.region.base_url}/graphql", json=body, headers=self.credentials())

    async def act(self, mutation: str, kind: str, selection: str, **values: Any) -> dict[str, Any]:
        """Send a mutation under a new key and return its payload; any top-level error fails the test."""
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code }} }} }}"
        body = (await self.send(query, input={**values, "idempotencyKey": str(uuid4())})).json()
        assert "errors" not in body, body
        payload: dict[str, Any] = body["data"][mutation]
        return payload
