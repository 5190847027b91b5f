"""The SMS gateway's row of the contract."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from notifications.channels.port import AddressKind, Provider, Sender, Verdict
from notifications.channels.sms import SmsSender
from notifications.channels.sms_simulator import create_simulator
from notifications.settings import SmsSettings
from tests.notifications.channels.contract import Case, Line, Row
from tests.notifications.channels.parcels import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

TOKEN = "gateway-token-of-the-tests"


def sms_settings(base_url: str, **changed: Any) -> SmsSettings:
    return SmsSettings(**{"base_url": HttpUrl(base_url), "token": TOKEN, **changed})


@asynccontextmanager
async def connect(*, timeout_seconds: float = 5.0, **changed: Any) -> AsyncIterator[Line]:
    asked: list[str] = []
    simulator = create_simulator(token=TOKEN)

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "_control" not in scope["path"]:
            asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await simulator(scope, receive, send)

    app = Starlette(routes=[Mount("/sms", listening)])
    async with serving(app) as base_url, http_client(base_url=f"{base_url}/sms/") as control:
        settings = sms_settings(f"{base_url}/sms", timeout_seconds=timeout_seconds, **changed)
        sender = SmsSender(settings, clock=lambda: NOW)

        async def spoil(command: Mapping[str, Any]) -> None:
            assert (await control.post("_control/faults", json=dict(command))).status_code == 204

        async def arrived() -> list[str]:
            return [str(message) for message in (await control.get("_control/messages")).json()["messages"]]

        try:
            yield Line(sender, spoil, arrived, asked)
        finally:
            await sender.close()


async def open_to(port: int, timeout_seconds: float) -> Sender:
    settings = sms_settings(f"http://127.0.0.1:{port}/sms", timeout_seconds=timeout_seconds)
    return SmsSender(settings, clock=lambda: NOW)


def _row(kind: str, verdict: Verdict, reason: str, **given: Any) -> Row:
    expected = {name: given.pop(name) for name in ("retry_after_seconds", "arrives") if name in given}
    return Row(kind, {"kind": kind, **given}, verdict, reason, **expected)


SMS = Case(
    provider=Provider.SMS_GATEWAY,
    address_kind=AddressKind.PHONE,
    connect=connect,
    open_to=open_to,
    rows=(
        _row("dead_number", Verdict.ADDRESS_DEAD, "invalid_number"),
        _row("invalid_text", Verdict.CONTENT_REFUSED, "invalid_text"),
        _row("refuses", Verdict.RECIPIENT_REFUSES, "subscriber_refuses"),
        _row("unauthorized", Verdict.PROVIDER_UNUSABLE, "http_401"),
        _row("no_funds", Verdict.PROVIDER_UNUSABLE, "no_funds"),
        _row("too_many", Verdict.RETRY, "http_429", retry_after="9", retry_after_seconds=9.0),
        _row("down", Verdict.RETRY, "http_503"),
        _row("garbage", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("too_long", Verdict.UNCLEAR, "answer_too_long", arrives=True),
        _row("hang_up", Verdict.UNCLEAR, "connection_lost", arrives=True),
    ),
    hang={"kind": "taken_but_slow", "seconds": 1.5},
    secrets=(TOKEN,),
    to_silence=Verdict.UNCLEAR,
    longest_seconds=1.0,
)
