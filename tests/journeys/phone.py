"""A citizen's phone: signs in through the browser as RFC 8252 asks, and sends trusted operations by id."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import jwt

from mobile_contracts.manifest import Operation
from tests.factories.devices import DeviceKey
from tests.journeys.documents import OPERATIONS_OF_APP, trusted
from tests.journeys.region import Region

OPERATIONS = OPERATIONS_OF_APP["citizen"]
REDIRECT = "ru.moezdorovye.ios:/signed-in"
CLIENT_ID = "ios"


@dataclass(slots=True)
class Phone:
    """One installed app; the tokens are empty until `sign_in`."""

    region: Region
    language: str = "ru"
    access_token: str = ""
    refresh_token: str = ""
    browser: dict[str, str] = field(default_factory=dict)
    device_key: DeviceKey | None = None
    key: DeviceKey = field(init=False)

    def __post_init__(self) -> None:
        """Make the device's key, unless it is given."""
        self.key = self.device_key or DeviceKey(self.region.clock)

    async def sign_in(self, nick: str) -> None:
        """Sign in as a demo person through ESIA's page."""
        verifier = secrets.token_urlsafe(40)
        code = await self.authorize(nick, verifier)
        answer = await self.post_token(
            grant_type="authorization_code",
            client_id=CLIENT_ID,
            code=code,
            redirect_uri=REDIRECT,
            code_verifier=verifier,
        )
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    async def authorize(self, nick: str, verifier: str) -> str:
        """Walk through the browser and return our one-time code, or `error:<oauth error>` as the app got it."""
        http = self.region.http
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        start = await http.get(
            f"{self.region.base_url}/auth/esia/start",
            params={
                "client_id": CLIENT_ID,
                "redirect_uri": REDIRECT,
                "response_type": "code",
                "code_challenge": challenge,
                "code_challenge_method": "S256",
                "state": "from-the-app",
            },
        )
        assert start.status_code in {302, 303}, start.text
        page = await http.get(start.headers["location"])
        assert page.status_code == 200, page.text
        chosen = await http.post(start.headers["location"], data={"person": nick} if nick else {"deny": "1"})
        back = await http.get(chosen.headers["location"])
        assert back.status_code in {302, 303}, back.text
        assert back.headers["location"].startswith(REDIRECT)
        given = parse_qs(urlsplit(back.headers["location"]).query)
        assert given["state"] == ["from-the-app"]
        assert given["iss"] == [self.region.base_url]
        return given["code"][0] if "code" in given else f"error:{given['error'][0]}"

    async def post_token(self, **form: str) -> httpx2.Response:
        """Send a form to the token endpoint, with a proof of the device's key."""
        url = f"{self.region.base_url}/auth/token"
        return await self.region.http.post(url, data=form, headers={"dpop": self.key.proof("POST", url)})

    def credentials(self, method: str = "POST") -> dict[str, str]:
        """Return the headers that show who asks; a token that is bound to no key goes as a bearer."""
        if not self.access_token:
            return {}
        if "cnf" not in jwt.decode(self.access_token, options={"verify_signature": False}):
            return {"authorization": f"Bearer {self.access_token}"}
        return self.key.headers(method, f"{self.region.base_url}/graphql", self.access_token)

    async def send(self, name: str, **variables: Any) -> httpx2.Response:
        """Send a trusted operation by its id and return the raw answer."""
        return await self.send_document(OPERATIONS[name], variables)

    async def send_document(self, operation: Operation, variables: dict[str, Any]) -> httpx2.Response:
        """Send an operation in the form of `documentId`."""
        headers = {"accept": "application/graphql-response+json", "accept-language": self.language}
        headers |= self.credentials()
        body = trusted(operation, variables)
        return await self.region.http.post(f"{self.region.base_url}/graphql", json=body, headers=headers)

    async def ask(self, name: str, **variables: Any) -> dict[str, Any]:
        """Send a trusted operation and return its data; any top-level error fails the test."""
        answer = await self.send(name, **variables)
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, body
        data: dict[str, Any] = body["data"]
        return data

    async def act(self, name: str, *, key: str | None = None, **values: Any) -> dict[str, Any]:
        """Send a mutation with one `input` and return its payload; a new idempotency key unless one is given."""
        data = await self.ask(name, input={**values, "idempotencyKey": key or str(uuid4())})
        payload: dict[str, Any] = next(iter(data.values()))
        return payload
