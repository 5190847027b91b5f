"""FCM's row of the contract."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from notifications.channels.fcm import open_fcm
from notifications.channels.port import AddressKind, Provider, Sender, Verdict
from tests.notifications.channels.contract import Case, Line, Row
from tests.notifications.channels.firebase import fcm_settings, firebase


@asynccontextmanager
async def connect(*, timeout_seconds: float = 5.0) -> AsyncIterator[Line]:
    asked: list[str] = []

    def listening(simulator: ASGIApp) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and "_control" not in scope["path"]:
                asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
            await simulator(scope, receive, send)

        return app

    async with firebase(timeout_seconds=timeout_seconds, wrap=listening) as (sender, control):

        async def spoil(command: Mapping[str, Any]) -> None:
            assert (await control.post("_control/faults", json=dict(command))).status_code == 204

        async def arrived() -> list[str]:
            return [str(message) for message in (await control.get("_control/messages")).json()["messages"]]

        yield Line(sender, spoil, arrived, asked)


async def open_to(port: int, timeout_seconds: float) -> Sender:
    return await open_fcm(fcm_settings(f"http://127.0.0.1:{port}/fcm", timeout_seconds=timeout_seconds))


def _row(kind: str, verdict: Verdict, reason: str | None = None, **given: Any) -> Row:
    expected = {name: given.pop(name) for name in ("retry_after_seconds", "arrives") if name in given}
    return Row(kind, {"kind": kind, **given}, verdict, kind if reason is None else reason, **expected)


FCM = Case(
    provider=Provider.FCM,
    address_kind=AddressKind.TOKEN,
    connect=connect,
    open_to=open_to,
    rows=(
        _row("unregistered", Verdict.ADDRESS_DEAD),
        _row("sender_id_mismatch", Verdict.ADDRESS_DEAD),
        _row("invalid_token", Verdict.ADDRESS_DEAD, "invalid_address"),
        _row("invalid_field", Verdict.CONTENT_REFUSED, "invalid_argument"),
        _row("quota_exceeded", Verdict.RETRY, retry_after_seconds=60.0),
        _row("quota_exceeded", Verdict.RETRY, retry_after="7", retry_after_seconds=7.0),
        _row("quota_exceeded", Verdict.RETRY, retry_after="soon", retry_after_seconds=60.0),
        _row("unavailable", Verdict.RETRY),
        _row("unavailable", Verdict.RETRY, retry_after="Sat, 28 Nov 2026 12:00:30 GMT", retry_after_seconds=30.0),
        _row("internal", Verdict.RETRY),
        _row("bad_gateway", Verdict.RETRY, "http_502"),
        _row("third_party_auth_error", Verdict.PROVIDER_UNUSABLE),
        _row("permission_denied", Verdict.PROVIDER_UNUSABLE),
        _row("wrong_project", Verdict.PROVIDER_UNUSABLE, "not_found"),
        _row("malformed", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("not_json", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("hang_up", Verdict.UNCLEAR, "connection_lost", arrives=True),
        _row("expired_token", Verdict.ACCEPTED, "", arrives=True),
        _row("token_down", Verdict.RETRY, "token_not_reached"),
        _row("token_refused", Verdict.PROVIDER_UNUSABLE),
        _row("token_unreadable", Verdict.RETRY),
    ),
    hang={"kind": "slow", "seconds": 1.5},
    secrets=("ya29.", "PRIVATE KEY", "assertion"),
    to_silence=Verdict.RETRY,
    longest_seconds=2.0,
)
