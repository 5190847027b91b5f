"""Simulators are strict: what the real provider would refuse, they refuse too."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.routing import Mount

from notifications.channels import fcm_simulator, rustore_simulator
from notifications.channels.email_simulator import MailSimulator
from notifications.channels.fcm_simulated_accounts import ServiceAccount
from tests.notifications.channels.firebase import PROJECT, account_for
from tests.plugins.http import http_client
from tests.plugins.serving import serving

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SEND = f"v1/projects/{PROJECT}/messages:send"
WELL = {"message": {"token": "t", "data": {"a": "b"}}}


class Clock:
    """The wall clock, which can be put forward."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def fcm(clock: Clock | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    simulator = fcm_simulator.create_simulator(account(), project_id=PROJECT, clock=clock or Clock())
    app = Starlette(routes=[Mount("/fcm", simulator)])
    async with serving(app) as base_url, http_client(base_url=f"{base_url}/fcm/") as http:
        yield http


def account() -> ServiceAccount:
    return account_for("http://placeholder/token")


def assertion(
    *, kid: str | None = None, begins: int = 0, lasts: int = 3_600, is_strangers: bool = False, **claims: Any
) -> str:
    own = account()
    begins_at = int(time.time()) + begins
    usual = {
        "iss": own.email,
        "aud": "https://oauth2.googleapis.com/token",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "iat": begins_at,
        "exp": begins_at + lasts,
    }
    own_key = RSAKey.import_key(orjson.loads(own.json)["private_key"])
    signer = RSAKey.generate_key(2_048) if is_strangers else own_key
    return jwt.encode({"alg": "RS256", "kid": kid or own.key_id}, usual | claims, signer)


async def grant(http: httpx2.AsyncClient, signed: str, grant_type: str = GRANT) -> httpx2.Response:
    return await http.post("token", data={"grant_type": grant_type, "assertion": signed})


async def access_token(http: httpx2.AsyncClient) -> str:
    answer = await grant(http, assertion())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": "another"},
        {"iss": "another@x.iam.gserviceaccount.com"},
        {"aud": "http://127.0.0.1/token"},
        {"scope": "https://www.googleapis.com/auth/datastore"},
        {"lasts": 9_000},
        {"begins": -7_200},
        {"begins": 600},
        {"iat": "now"},
        {"is_strangers": True},
    ],
    ids=str,
)
async def test_an_assertion_that_google_would_refuse_is_refused(wrong: dict[str, Any]) -> None:
    async with fcm() as http:
        answer = await grant(http, assertion(**wrong))
        assert answer.status_code == 400
        assert (await grant(http, assertion(), "password")).status_code == 400
        assert (await grant(http, "a.b.c")).status_code == 400


async def test_an_access_token_is_good_for_an_hour() -> None:
    clock = Clock()
    async with fcm(clock) as http:
        headers = {"Authorization": f"Bearer {await access_token(http)}"}
        assert (await http.post(SEND, json=WELL, headers=headers)).status_code == 200
        for other in ({}, {"Authorization": "Bearer x"}, {"Authorization": headers["Authorization"][7:]}):
            assert (await http.post(SEND, json=WELL, headers=other)).status_code == 401
        clock.ahead = timedelta(minutes=61)
        assert (await http.post(SEND, json=WELL, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "message"),
        ({"token": "t", "fid": "f"}, "message"),
        ({"token": ""}, "message"),
        ({"token": 7}, "message.token"),
        ({"token": "t", "notification": {"title": "x"}}, "message.notification"),
        ({"token": "t", "data": {"a": 1}}, "message.data.a"),
        ({"token": "t", "data": {"google.x": "1"}}, "message.data"),
        ({"token": "t", "data": {"from": "1"}}, "message.data"),
        ({"token": "t", "data": {"a": "x" * 4_096}}, "message.data"),
        ({"token": "t", "android": {"priority": "HIGHEST"}}, "message.android.priority"),
        ({"token": "t", "android": {"ttl": "2419201s"}}, "message.android.ttl"),
        ({"token": "t", "android": {"ttl": 60}}, "message.android.ttl"),
        ({"token": "t", "android": {"unknown": 1}}, "message.android.unknown"),
        ({"token": "t", "apns": {"headers": {"a": 1}}}, "message.apns.headers.a"),
        (
            {"token": "t", "apns": {"headers": {"apns-priority": "10"}, "payload": {"aps": {"content-available": 1}}}},
            "message.apns",
        ),
    ],
    ids=str,
)
async def test_a_message_that_fcm_would_refuse_is_refused_by_field(message: dict[str, Any], field: str) -> None:
    async with fcm() as http:
        headers = {"Authorization": f"Bearer {await access_token(http)}"}
        answer = await http.post(SEND, json={"message": message}, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][-1]["fieldViolations"][0]["field"] == field
        assert (await http.post(SEND, content=b"[", headers=headers)).status_code == 400
        assert (await http.get("_control/messages")).json() == {"messages": []}
        elsewhere = SEND.replace(PROJECT, "another")
        assert (await http.post(elsewhere, json=WELL, headers=headers)).status_code == 403


@pytest.mark.parametrize("body", [b"", b"{}", b'{"kind": "earthquake"}', b'{"kind": "slow", "times": 0}', b"[]"])
async def test_a_malformed_command_is_refused(body: bytes) -> None:
    apps = {
        "fcm": fcm_simulator.create_simulator(account(), project_id=PROJECT),
        "rustore": rustore_simulator.create_simulator(project_id=PROJECT, token="t"),
        "mail": MailSimulator().control,
    }
    app = Starlette(routes=[Mount(f"/{name}", mounted) for name, mounted in apps.items()])
    async with serving(app) as base_url, http_client(base_url=base_url) as http:
        for name in apps:
            assert (await http.post(f"/{name}/_control/faults", content=body)).status_code == 400
            assert (await http.delete(f"/{name}/_control/faults")).status_code == 204
        for name in ("fcm", "rustore"):
            assert (await http.post(f"/{name}/_control/phones", content=body)).status_code == 400


async def test_what_arrived_can_be_forgotten_and_faults_mended() -> None:
    async with fcm() as http:
        headers = {"Authorization": f"Bearer {await access_token(http)}"}
        await http.post("_control/faults", json={"kind": "unavailable", "times": 1_000})
        assert (await http.post(SEND, json=WELL, headers=headers)).status_code == 503
        await http.delete("_control/faults")
        assert (await http.post(SEND, json=WELL, headers=headers)).status_code == 200
        assert len((await http.get("_control/messages")).json()["messages"]) == 1
        assert (await http.delete("_control/messages")).status_code == 204
        assert (await http.get("_control/messages")).json() == {"messages": []}
