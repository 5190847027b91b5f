"""RuStore's row of the contract."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from notifications.channels.port import AddressKind, Provider, Sender, Verdict
from notifications.channels.rustore import RuStoreSender
from notifications.channels.rustore_simulator import create_simulator
from notifications.settings import RuStoreSettings
from tests.notifications.channels.contract import Case, Line, Row
from tests.notifications.channels.parcels import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

PROJECT = "project-of-tests"
TOKEN = "service-token-of-the-tests"


def rustore_settings(base_url: str, **changed: Any) -> RuStoreSettings:
    usual: dict[str, Any] = {"base_url": HttpUrl(base_url), "project_id": PROJECT, "token": TOKEN}
    return RuStoreSettings(**usual | changed)


@asynccontextmanager
async def connect(*, timeout_seconds: float = 5.0, **changed: Any) -> AsyncIterator[Line]:
    asked: list[str] = []
    simulator = create_simulator(project_id=PROJECT, token=TOKEN)

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "_control" not in scope["path"]:
            asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await simulator(scope, receive, send)

    app = Starlette(routes=[Mount("/rustore", listening)])
    async with serving(app) as base_url, http_client(base_url=f"{base_url}/rustore/") as control:
        settings = rustore_settings(f"{base_url}/rustore", timeout_seconds=timeout_seconds, **changed)
        sender = RuStoreSender(settings, clock=lambda: NOW)

        async def spoil(command: Mapping[str, Any]) -> None:
            path = "_control/phones" if "target" in command else "_control/faults"
            assert (await control.post(path, json=dict(command))).status_code == 204

        async def arrived() -> list[str]:
            return [str(message) for message in (await control.get("_control/messages")).json()["messages"]]

        try:
            yield Line(sender, spoil, arrived, asked)
        finally:
            await sender.close()


async def open_to(port: int, timeout_seconds: float) -> Sender:
    return RuStoreSender(rustore_settings(f"http://127.0.0.1:{port}/rustore", timeout_seconds=timeout_seconds))


def _row(kind: str, verdict: Verdict, reason: str | None = None, **given: Any) -> Row:
    expected = {name: given.pop(name) for name in ("retry_after_seconds", "arrives") if name in given}
    return Row(kind, {"kind": kind, **given}, verdict, kind if reason is None else reason, **expected)


RUSTORE = Case(
    provider=Provider.RUSTORE,
    address_kind=AddressKind.TOKEN,
    connect=connect,
    open_to=open_to,
    rows=(
        _row("unregistered", Verdict.ADDRESS_DEAD, "not_found"),
        _row("invalid_token", Verdict.ADDRESS_DEAD, "invalid_address"),
        _row("invalid_field", Verdict.CONTENT_REFUSED, "invalid_argument"),
        _row("unauthorized", Verdict.PROVIDER_UNUSABLE, "unauthenticated"),
        _row("permission_denied", Verdict.PROVIDER_UNUSABLE),
        _row("wrong_project", Verdict.PROVIDER_UNUSABLE, "http_404"),
        _row("quota_exceeded", Verdict.RETRY, "too_many_requests", retry_after_seconds=60.0),
        _row("quota_exceeded", Verdict.RETRY, "too_many_requests", retry_after="9", retry_after_seconds=9.0),
        _row("internal", Verdict.RETRY),
        _row("unavailable", Verdict.RETRY, retry_after="4", retry_after_seconds=4.0),
        _row("bad_gateway", Verdict.RETRY, "http_502"),
        _row("malformed", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("not_json", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("hang_up", Verdict.UNCLEAR, "connection_lost", arrives=True),
    ),
    hang={"kind": "slow", "seconds": 1.5},
    secrets=(TOKEN,),
    to_silence=Verdict.UNCLEAR,
    longest_seconds=1.0,
)
