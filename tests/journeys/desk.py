"""A workplace of staff: signs in through ESIA by the app of its kind, and asks by the text of what it needs."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2

from mobile_contracts.manifest import Operation
from tests.factories.identity import Pkce
from tests.journeys.documents import trusted
from tests.journeys.region import Region

REDIRECT = "http://127.0.0.1/signed-in"


@dataclass(slots=True)
class Desk:
    """One browser of staff, or one system; a bearer of the token it was given."""

    region: Region
    client_id: str
    access_token: str = ""

    async def sign_in(self, nick: str) -> str | None:
        """Sign in as a demo person; return our code where it was refused."""
        http, url, pkce = self.region.http, self.region.base_url, Pkce(secrets.token_urlsafe(40))
        asked = {
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
            "state": "desk",
        }
        start = await http.get(f"{url}/auth/esia/start", params=asked)
        assert start.status_code == 302, start.text
        chosen = await http.post(start.headers["location"], data={"person": nick})
        back = await http.get(chosen.headers["location"])
        given = parse_qs(urlsplit(back.headers["location"]).query)
        if "error_code" in given:
            return given["error_code"][0]
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": given["code"][0],
            "redirect_uri": REDIRECT,
            "code_verifier": pkce.verifier,
        }
        answer = await http.post(f"{url}/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        self.access_token = answer.json()["access_token"]
        return None

    def credentials(self) -> dict[str, str]:
        """Return the headers that show who asks."""
        return {"authorization": f"Bearer {self.access_token}"} if self.access_token else {}

    async def send_document(self, operation: Operation, variables: dict[str, Any]) -> httpx2.Response:
        """Send a published operation by its id."""
        url, body = f"{self.region.base_url}/graphql", trusted(operation, variables)
        return await self.region.http.post(url, json=body, headers=self.credentials())

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send a document and return the whole body."""
        asked = {"query": query, "variables": variables}
        answer = await self.region.http.post(f"{self.region.base_url}/graphql", json=asked, headers=self.credentials())
        body: dict[str, Any] = answer.json()
        return body

    async def act(self, mutation: str, kind: str, selection: str, **values: Any) -> dict[str, Any]:
        """Send a mutation under a new key and return its payload; any top-level error fails the test."""
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code }} }} }}"
        body = await self.send(query, input={**values, "idempotencyKey": str(uuid4())})
        assert "errors" not in body, body
        payload: dict[str, Any] = body["data"][mutation]
        return payload


def codes_of(body: dict[str, Any]) -> set[str]:
    """The codes of the top-level errors."""
    return {error["extensions"]["code"] for error in body.get("errors", [])}
