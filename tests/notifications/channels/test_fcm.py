"""What is particular to FCM, through the real SDK and a real socket."""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from notifications.channels.fcm import FcmSender, open_fcm, outcome_of
from notifications.channels.fcm_wire import Refused, read_refusal
from notifications.channels.port import AddressKind, Outcome, Verdict
from notifications.messages import Severity
from notifications.settings import FcmSettings
from tests.notifications.channels.firebase import PROJECT, fcm_settings, firebase
from tests.notifications.channels.parcels import ADDRESSES, BODY, NOW, TITLE, make_parcel
from tests.plugins.serving import serving
from tests.plugins.waiting import pauses_watched, until


async def messages(control: httpx2.AsyncClient) -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = (await control.get("_control/messages")).json()["messages"]
    return got


async def spoil(control: httpx2.AsyncClient, kind: str, **given: Any) -> None:
    assert (await control.post("_control/faults", json={"kind": kind, **given})).status_code == 204


async def test_a_message_that_can_wait_wakes_the_app_and_shows_nothing() -> None:
    async with firebase() as (sender, control):
        outcome = await sender.send(make_parcel(expires_at=NOW + timedelta(minutes=10)))
        [message] = await messages(control)
    notification_id = "0194d7a0-0000-7000-8000-00000000a001"
    assert outcome == Outcome(Verdict.ACCEPTED, provider_message_id=message.pop("name"))
    assert message == {
        "token": ADDRESSES[AddressKind.TOKEN],
        "data": {"notification_id": notification_id, "kind": "appointment_booked"},
        "android": {"collapse_key": notification_id, "priority": "normal", "ttl": "600s"},
        "apns": {
            "headers": {
                "apns-push-type": "background",
                "apns-priority": "5",
                "apns-collapse-id": notification_id,
                "apns-expiration": str(int(NOW.timestamp()) + 600),
            },
            "payload": {"aps": {"content-available": 1}},
        },
    }


async def test_a_critical_message_is_urgent_and_ios_shows_the_apps_own_words() -> None:
    async with firebase() as (sender, control):
        await sender.send(make_parcel(AddressKind.FID, severity=Severity.CRITICAL))
        [message] = await messages(control)
    assert message["fid"] == ADDRESSES[AddressKind.FID]
    assert "token" not in message
    assert message["android"]["priority"] == "high"
    assert message["apns"]["headers"]["apns-priority"] == "10"
    assert message["apns"]["headers"]["apns-push-type"] == "alert"
    assert message["apns"]["payload"] == {"aps": {"alert": {"loc-key": "NEW_MESSAGE"}, "mutable-content": 1}}


async def test_a_device_with_a_key_gets_the_text_sealed() -> None:
    key = ECKey.generate_key("P-256")
    async with firebase() as (sender, control):
        await sender.send(make_parcel(public_key=json.dumps(key.as_dict(private=False))))
        [message] = await messages(control)
    plain = jwe.decrypt_compact(message["data"]["jwe"], key, algorithms=["ECDH-ES", "A256GCM"]).plaintext
    assert json.loads(plain or b"")["body"] == BODY
    assert TITLE not in str(message)


async def test_a_slow_token_endpoint_does_not_stand_in_the_way_of_the_loop() -> None:
    async with firebase() as (sender, control), pauses_watched() as pauses:
        await spoil(control, "token_slow", seconds=1.0)
        started_at = time.monotonic()
        outcomes = await asyncio.gather(*(sender.send(make_parcel()) for _ in range(5)))
        waited = time.monotonic() - started_at
        assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * 5
        assert waited > 1.0
        assert pauses.longest_seconds < 0.6


async def test_all_who_wait_share_one_renewal(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def counting(simulator: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            asked.append(scope.get("path", ""))
            await simulator(scope, receive, send)

        return app

    async with firebase(wrap=counting) as (sender, control):
        await spoil(control, "token_slow", seconds=0.2)
        await asyncio.gather(*(sender.send(make_parcel()) for _ in range(20)))
        assert sum(path.endswith("/token") for path in asked) == 1
        await spoil(control, "expired_token")
        outcomes = await asyncio.gather(*(sender.send(make_parcel()) for _ in range(20)))
        assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
        assert sum(path.endswith("/token") for path in asked) == 2


async def test_a_token_endpoint_that_is_too_slow_sends_nothing() -> None:
    async with firebase(timeout_seconds=0.4) as (sender, control):
        await spoil(control, "token_slow", seconds=1.2)
        started_at = time.monotonic()
        outcome = await sender.send(make_parcel())
        assert outcome.verdict is Verdict.RETRY
        assert outcome.reason in {"token_timed_out", "token_not_reached"}
        assert time.monotonic() - started_at < 1.0
        assert await messages(control) == []


async def test_a_token_is_renewed_ahead_of_its_end_while_the_old_one_is_used() -> None:
    async with firebase() as (sender, control):
        await sender.send(make_parcel())
        credential = sender._app.credential
        old = credential.token
        credential.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=300)
        sender._tokens._rests_until = 0.0
        await spoil(control, "token_slow", seconds=0.5)
        started_at = time.monotonic()
        assert (await sender.send(make_parcel())).verdict is Verdict.ACCEPTED
        assert time.monotonic() - started_at < 0.4

        async def is_renewed() -> bool:
            return bool(credential.token != old)

        await until(is_renewed, what="the renewal", seconds=5)
        assert (await sender.send(make_parcel())).verdict is Verdict.ACCEPTED


async def test_a_renewal_ahead_that_fails_harms_nothing_and_rests() -> None:
    asked: list[str] = []

    def counting(simulator: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            asked.append(scope.get("path", ""))
            await simulator(scope, receive, send)

        return app

    async with firebase(wrap=counting) as (sender, control):
        await sender.send(make_parcel())
        sender._app.credential.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=300)
        sender._tokens._rests_until = 0.0
        await spoil(control, "token_down", times=10)

        async def is_asked_again() -> bool:
            assert (await sender.send(make_parcel())).verdict is Verdict.ACCEPTED
            return sum(path.endswith("/token") for path in asked) == 2

        await until(is_asked_again, what="a renewal", seconds=5)
        await sender._tokens.close()  # waits for it
        for _ in range(3):
            assert (await sender.send(make_parcel())).verdict is Verdict.ACCEPTED
        assert sum(path.endswith("/token") for path in asked) == 2


async def test_a_token_that_stays_refused_is_our_own_trouble_after_two_tries() -> None:
    async with firebase() as (sender, control):
        await spoil(control, "expired_token", times=2)
        outcome = await sender.send(make_parcel())
        assert outcome == Outcome(Verdict.PROVIDER_UNUSABLE, "unauthenticated")
        assert await messages(control) == []


@pytest.mark.parametrize(
    ("state", "verdict", "reason"),
    [
        ("uninstalled", Verdict.ADDRESS_DEAD, "unregistered"),
        ("foreign", Verdict.ADDRESS_DEAD, "sender_id_mismatch"),
        ("malformed", Verdict.ADDRESS_DEAD, "invalid_address"),
        ("live", Verdict.ACCEPTED, ""),
    ],
)
async def test_the_simulator_knows_what_became_of_a_phone(state: str, verdict: Verdict, reason: str) -> None:
    async with firebase() as (sender, control):
        phone = {"target": ADDRESSES[AddressKind.TOKEN], "state": state}
        assert (await control.post("_control/phones", json=phone)).status_code == 204
        outcome = await sender.send(make_parcel())
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


def _violating(*fields: object, words: str) -> bytes:
    violations = [{"field": field} if isinstance(field, str) else field for field in fields]
    details = [7, {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
    return json.dumps({"error": {"status": "INVALID_ARGUMENT", "message": words, "details": details}}).encode()


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (404, b"<html>no such page</html>", Refused(404)),
        (404, b'{"error": {"status": "NOT_FOUND", "details": "none"}}', Refused(404, "NOT_FOUND")),
        (400, b'{"error": "text"}', Refused(400)),
        (400, b'["error"]', Refused(400)),
        (400, b"\xff\xfe", Refused(400)),
        (500, b"", Refused(500)),
        (500, b'{"error": {"status": "quoting canary@example.org"}}', Refused(500)),
        (500, b'{"error": {"status": 13}}', Refused(500)),
        (
            400,
            _violating("message.data", words="registration token"),
            Refused(400, "INVALID_ARGUMENT"),
        ),
        (
            400,
            _violating(7, "message.token", words="x"),
            Refused(400, "INVALID_ARGUMENT", is_about_target=True),
        ),
    ],
)
def test_only_fcms_own_words_are_read(status: int, content: bytes, expected: Refused) -> None:
    assert read_refusal(status, content, retry_after_seconds=None) == expected


@pytest.mark.parametrize(
    ("refused", "verdict"),
    [
        (Refused(404), Verdict.PROVIDER_UNUSABLE),
        (Refused(403), Verdict.PROVIDER_UNUSABLE),
        (Refused(307), Verdict.PROVIDER_UNUSABLE),
        (Refused(400), Verdict.PROVIDER_UNUSABLE),
        (Refused(429), Verdict.RETRY),
        (Refused(599), Verdict.RETRY),
        (Refused(404, "UNREGISTERED"), Verdict.ADDRESS_DEAD),
    ],
)
def test_an_address_dies_by_fcms_own_word_only(refused: Refused, verdict: Verdict) -> None:
    assert outcome_of(refused).verdict is verdict


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 200),
        (b"[]", 200),
        (b'{"name": 7}', 200),
        (b'{"name": ""}', 200),
        (b"null", 200),
        (b"\xff\xff", 200),
        (b'{"error": "a word"}', 200),
        (b"", 200),
        pytest.param(b"[" * 50_000, 200, id="deep"),
    ],
)
async def test_a_success_that_names_no_message_is_none(body: bytes, status: int) -> None:
    async with _answering(body, status) as sender:
        assert await sender.send(make_parcel()) == Outcome(Verdict.UNCLEAR, "unreadable")


@pytest.mark.parametrize("body", [b'{"error": "a word"}', b"\xff\xff", b"[]", b"", b'{"error": {"details": [1]}}'])
async def test_an_error_over_which_the_sdk_itself_stumbles_keeps_its_status(body: bytes) -> None:
    async with _answering(body, 503) as sender:
        assert await sender.send(make_parcel()) == Outcome(Verdict.RETRY, "http_503")


async def test_no_redirect_takes_our_token_along_and_no_answer_is_tried_again_by_the_sdk() -> None:
    asked: list[str] = []
    async with _answering(b"", 307, asked, {"Location": "/elsewhere"}) as sender:
        assert await sender.send(make_parcel()) == Outcome(Verdict.PROVIDER_UNUSABLE, "http_307")
    async with _answering(b"", 503, asked) as sender:
        started_at = time.monotonic()
        await sender.send(make_parcel())
        assert time.monotonic() - started_at < 1.0
    assert [path for path in asked if path != "/fcm/token"] == [f"/fcm/v1/projects/{PROJECT}/messages:send"] * 2


@asynccontextmanager
async def _answering(
    body: bytes, status: int, asked: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[FcmSender]:
    """A server that gives tokens, and answers every message alike; the sender to it."""

    async def answer(request: Request) -> Response:
        if asked is not None:
            asked.append(request.url.path)
        if request.url.path == "/fcm/token":
            return JSONResponse({"access_token": "ya29.x", "expires_in": 3600, "token_type": "Bearer"})
        return Response(body, status_code=status, headers=headers, media_type="application/json")

    async with serving(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as base_url:
        sender = await open_fcm(fcm_settings(f"{base_url}/fcm"))
        try:
            yield sender
        finally:
            await sender.close()


@pytest.mark.parametrize(
    ("account", "error"),
    [
        ({"service_account": ""}, ValueError),
        ({"service_account": "{"}, ValueError),
        ({"service_account": "[]"}, ValueError),
        ({"service_account": "{}"}, ValueError),
        ({"service_account": "", "service_account_file": "/nonexistent"}, OSError),
    ],
)
async def test_a_service_account_that_is_none_is_found_when_the_sender_is_built(
    account: dict[str, Any], error: type[Exception]
) -> None:
    settings = FcmSettings(**{"project_id": PROJECT} | account)
    with pytest.raises(error):
        await open_fcm(settings)


async def test_two_senders_of_one_process_live_and_die_apart() -> None:
    async with firebase() as (first, _), firebase() as (second, _):
        assert (await first.send(make_parcel())).verdict is Verdict.ACCEPTED
        await first.close()
        assert (await second.send(make_parcel())).verdict is Verdict.ACCEPTED


def test_the_private_names_of_the_sdk_that_we_need_are_there() -> None:
    """ADR 0023: a new firebase-admin that renames one fails here, not in a region."""
    from firebase_admin import _http_client, _retry, messaging  # noqa: PLC0415 # half a second

    assert callable(messaging._get_messaging_service)
    service = messaging._MessagingService
    assert service.FCM_URL == "https://fcm.googleapis.com/v1/projects/{0}/messages:send"
    inner = next(const for const in service.send_each_async.__code__.co_consts if hasattr(const, "co_names"))
    assert {"_fcm_url", "_async_client"} <= set(inner.co_names)
    client = _http_client.HttpxAsyncClient(timeout=1, retry_config=_retry.HttpxRetry(max_retries=0))
    assert client.async_client.headers["x-goog-api-client"].startswith("gl-python/")
    assert client.async_client.auth is None


def test_importing_the_module_does_not_load_the_sdk() -> None:
    program = (
        "import sys, notifications.channels.fcm, notifications.channels.fcm_wire;"
        "print([name for name in ('firebase_admin', 'google.auth', 'requests', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


async def test_loggers_that_tell_tokens_are_kept_quiet() -> None:
    async with firebase():
        for name in ("google.auth.transport.requests", "hpack.hpack"):
            assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
