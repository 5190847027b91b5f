"""What is particular to RuStore."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notifications.channels.http import Answer
from notifications.channels.port import AddressKind, Outcome, Verdict
from notifications.channels.rustore import RuStoreSender, outcome_of
from tests.notifications.channels.case_rustore import TOKEN, connect, rustore_settings
from tests.notifications.channels.parcels import ADDRESSES, NOW, make_parcel
from tests.plugins.serving import serving


@pytest.mark.parametrize(("left", "ttl"), [(None, "2419200s"), (600, "600s"), (0, "1s"), (-60, "1s")])
async def test_a_message_is_data_and_always_has_an_end(left: int | None, ttl: str) -> None:
    expires_at = None if left is None else NOW + timedelta(seconds=left)
    async with connect() as line:
        assert await line.sender.send(make_parcel(expires_at=expires_at)) == Outcome(Verdict.ACCEPTED)
        [message] = await line.arrived()
    assert message == str(
        {
            "token": ADDRESSES[AddressKind.TOKEN],
            "data": {"notification_id": "0194d7a0-0000-7000-8000-00000000a001", "kind": "appointment_booked"},
            "android": {"ttl": ttl},
        }
    )


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, b"{}", Outcome(Verdict.ACCEPTED)),
        (200, b'{"name": "projects/x/messages/1", "new": 1}', Outcome(Verdict.ACCEPTED)),
        (200, b"", Outcome(Verdict.UNCLEAR, "unreadable")),
        (200, b"null", Outcome(Verdict.UNCLEAR, "unreadable")),
        (200, b'{"error": {"status": "NOT_FOUND"}}', Outcome(Verdict.UNCLEAR, "unreadable")),
        pytest.param(200, b"[" * 60_000, Outcome(Verdict.UNCLEAR, "unreadable"), id="deep"),
        (404, b"404 page not found", Outcome(Verdict.PROVIDER_UNUSABLE, "http_404")),
        (404, b'{"error": {"status": "no such canary"}}', Outcome(Verdict.PROVIDER_UNUSABLE, "http_404")),
        (404, b'{"error": {"status": "NOT_FOUND", "code": 404}}', Outcome(Verdict.ADDRESS_DEAD, "not_found")),
        (400, b"<html>", Outcome(Verdict.PROVIDER_UNUSABLE, "http_400")),
        (204, b"", Outcome(Verdict.PROVIDER_UNUSABLE, "http_204")),
        (500, b"\xff", Outcome(Verdict.RETRY, "http_500")),
    ],
)
def test_only_its_own_words_are_read(status: int, content: bytes, outcome: Outcome) -> None:
    assert outcome_of(Answer(status, content)) == outcome


async def test_our_token_is_told_to_the_provider_alone() -> None:
    seen: list[tuple[str, str]] = []

    async def answer(request: Request) -> Response:
        seen.append((request.url.path, request.headers["Authorization"]))
        return RedirectResponse("/elsewhere", status_code=308)

    async with serving(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as base_url:
        sender = RuStoreSender(rustore_settings(base_url))
        assert await sender.send(make_parcel()) == Outcome(Verdict.PROVIDER_UNUSABLE, "http_308")
        await sender.close()
    assert seen == [("/v1/projects/project-of-tests/messages:send", f"Bearer {TOKEN}")]


@pytest.mark.parametrize("changed", [{"token": "another"}, {"project_id": "another"}])
async def test_a_foreign_token_or_project_is_our_own_trouble(changed: dict[str, Any]) -> None:
    async with connect(**changed) as line:
        assert (await line.sender.send(make_parcel())).verdict is Verdict.PROVIDER_UNUSABLE
        assert await line.arrived() == []


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("uninstalled", Verdict.ADDRESS_DEAD), ("malformed", Verdict.ADDRESS_DEAD), ("live", Verdict.ACCEPTED)],
)
async def test_the_simulator_knows_what_became_of_a_phone(state: str, verdict: Verdict) -> None:
    async with connect() as line:
        await line.spoil({"target": ADDRESSES[AddressKind.TOKEN], "state": state})
        assert (await line.sender.send(make_parcel())).verdict is verdict
