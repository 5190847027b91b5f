"""What `InsuranceRegister` promises, asked of the real client over a real socket, against the simulator."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
import structlog
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from backend.clock import SettableClock
from backend.integrations.breaker import Breaker
from backend.integrations.oms_registry.client import OmsRegistryClient
from backend.integrations.oms_registry.simulator import OmsRecord, create_simulator
from backend.policy.errors import PolicySourceUnavailable
from backend.policy.ports import InsuranceRegister
from backend.policy.values import PolicyKind, PolicyStatus
from backend.profile.values import Sex, Snils
from backend.settings import OmsRegistrySettings
from tests.factories.people import NOW, snils_for
from tests.factories.policies import ANNA, make_oms_record, make_policy
from tests.plugins.http import http_client
from tests.plugins.serving import serving

TOKEN = "token-of-the-tests"
BORIS = replace(ANNA, snils=Snils(snils_for(206_130_060)), birth_date=date(1959, 2, 1), sex=Sex.MALE)


@dataclass
class Line:
    """The register, its control, and our client."""

    register: InsuranceRegister
    records: dict[str, OmsRecord]
    control: httpx2.AsyncClient
    questions: list[Request]

    async def spoil(self, kind: str, **given: float) -> None:
        response = await self.control.post("/oms/_control/faults", json={"kind": kind, **given})
        assert response.status_code == 204


def settings(base_url: str, **given: Any) -> OmsRegistrySettings:
    return OmsRegistrySettings(**{"base_url": HttpUrl(f"{base_url}/oms"), "token": TOKEN, **given})


@asynccontextmanager
async def connected(**given: Any) -> AsyncIterator[Line]:
    records = {record.snils: record for record in (make_oms_record(),)}
    questions: list[Request] = []
    simulator = create_simulator(records, token=TOKEN, clock=SettableClock(NOW))

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/search"):
            questions.append(Request(scope))
        await simulator(scope, receive, send)

    async with (
        serving(Starlette(routes=[Mount("/oms", listening)])) as base_url,
        http_client(base_url=base_url) as control,
        OmsRegistryClient(settings(base_url, **given)) as register,
    ):
        yield Line(register, records, control, questions)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with connected() as line:
        yield line


async def test_a_known_person_is_found_as_of_the_registers_time(line: Line) -> None:
    record = await line.register.find_policy(ANNA)
    assert record is not None
    assert (record.holder, record.policy, record.as_of) == (ANNA, make_policy(), NOW)


@pytest.mark.parametrize(
    ("changed", "kind", "status"),
    [
        ({"status": PolicyStatus.SUSPENDED}, PolicyKind.UNIFIED, PolicyStatus.SUSPENDED),
        ({"status": PolicyStatus.CLOSED, "kind": PolicyKind.OLD}, PolicyKind.OLD, PolicyStatus.CLOSED),
        ({"kind": PolicyKind.TEMPORARY}, PolicyKind.TEMPORARY, PolicyStatus.ACTIVE),
    ],
)
async def test_kinds_and_states_travel(
    line: Line, changed: dict[str, Any], kind: PolicyKind, status: PolicyStatus
) -> None:
    line.records[ANNA.snils.digits] = make_oms_record(**changed)
    record = await line.register.find_policy(ANNA)
    assert record is not None
    assert (record.policy.kind, record.policy.status) == (kind, status)


async def test_an_insurers_telephone_that_is_none_does_not_hide_the_policy(line: Line) -> None:
    line.records[ANNA.snils.digits] = make_oms_record(insurer_phone="см. на сайте")
    record = await line.register.find_policy(ANNA)
    assert record is not None
    assert record.policy.insurer.phone is None


@pytest.mark.parametrize("person", [BORIS, replace(ANNA, birth_date=ANNA.birth_date + timedelta(days=1))])
async def test_an_unknown_person_or_another_birth_date_is_none(line: Line, person: Any) -> None:
    assert await line.register.find_policy(person) is None


@pytest.mark.parametrize(("kind", "tries"), [("down", 3), ("garbage", 1), ("truncated", 1), ("unauthorized", 1)])
async def test_a_fault_is_unavailable_and_only_a_passing_one_is_tried_again(line: Line, kind: str, tries: int) -> None:
    await line.spoil(kind, times=3)
    with pytest.raises(PolicySourceUnavailable):
        await line.register.find_policy(ANNA)
    assert len(line.questions) == tries


async def test_a_short_outage_is_not_noticed(line: Line) -> None:
    await line.spoil("down", times=2)
    assert await line.register.find_policy(ANNA) is not None
    assert len(line.questions) == 3


async def test_an_answer_about_somebody_else_is_passed_on_as_such(line: Line) -> None:
    await line.spoil("wrong_person")
    record = await line.register.find_policy(ANNA)
    assert record is not None
    assert not record.is_about(ANNA)


async def test_faults_are_mended_on_command(line: Line) -> None:
    await line.spoil("down", times=1_000)
    assert (await line.control.delete("/oms/_control/faults")).status_code == 204
    assert await line.register.find_policy(ANNA) is not None


@pytest.mark.parametrize("body", ["{}", "garbage", '{"kind": "earthquake"}', '{"kind": "down", "times": 0}'])
async def test_a_malformed_command_is_refused(line: Line, body: str) -> None:
    assert (await line.control.post("/oms/_control/faults", content=body)).status_code == 400
    assert await line.register.find_policy(ANNA) is not None


async def test_a_slow_register_costs_no_more_than_the_budget() -> None:
    async with connected(timeout_seconds=0.2) as line:
        await line.spoil("slow", seconds=0.6)
        started_at = time.monotonic()
        with pytest.raises(PolicySourceUnavailable):
            await line.register.find_policy(ANNA)
        assert time.monotonic() - started_at < 0.5


async def test_an_answer_that_drips_costs_no_more_than_the_budget() -> None:
    never = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" "
            with suppress(TimeoutError):
                await asyncio.wait_for(never.wait(), 0.05)

    async def answer(_request: Request) -> Response:
        return StreamingResponse(drip(), media_type="application/json")

    app = Starlette(routes=[Route("/oms/v1/insured/search", answer, methods=["POST"])])
    async with (
        serving(app) as base_url,
        OmsRegistryClient(settings(base_url, timeout_seconds=0.2)) as register,
    ):
        started_at = time.monotonic()
        with pytest.raises(PolicySourceUnavailable):
            await register.find_policy(ANNA)
        assert time.monotonic() - started_at < 0.7


async def test_a_foreign_token_is_refused() -> None:
    async with connected(token="somebody-elses") as line:
        with pytest.raises(PolicySourceUnavailable):
            await line.register.find_policy(ANNA)


async def test_an_absent_register_is_unavailable() -> None:
    async with OmsRegistryClient(settings("http://127.0.0.1:1")) as register:
        with pytest.raises(PolicySourceUnavailable):
            await register.find_policy(ANNA)


@pytest.mark.parametrize("enp", ["7756410835001234", "", "775641083500123"])
async def test_a_policy_number_that_breaks_its_rule_is_garbage(line: Line, enp: str) -> None:
    line.records[ANNA.snils.digits] = make_oms_record(enp=enp)
    with pytest.raises(PolicySourceUnavailable):
        await line.register.find_policy(ANNA)


def _answers(status: int, text: str) -> Any:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(text, status_code=status)

    return answer


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, '{"found": false}'),
        (204, ""),
        (200, "null"),
        (200, "{}"),
        (200, '{"found": "no"}'),
        (200, '{"found": true}'),
        (200, "\ud83d".encode("utf-16", "surrogatepass").decode("latin-1")),
        (200, "[" * 100_000),
        (200, json.dumps({"found": False, "padding": "x" * 70_000})),
    ],
)
async def test_nothing_but_the_registers_own_word_means_none(status: int, text: str) -> None:
    app = Starlette(routes=[Route("/oms/v1/insured/search", _answers(status, text), methods=["POST"])])
    async with serving(app) as base_url, OmsRegistryClient(settings(base_url)) as register:
        with pytest.raises(PolicySourceUnavailable):
            await register.find_policy(ANNA)


async def test_the_token_does_not_follow_a_redirect() -> None:
    seen: list[Request] = []

    async def elsewhere(request: Request) -> Response:
        seen.append(request)
        return PlainTextResponse("")

    async def redirect(_request: Request) -> Response:
        return RedirectResponse("/elsewhere", status_code=307)

    routes = [
        Route("/oms/v1/insured/search", redirect, methods=["POST"]),
        Route("/elsewhere", elsewhere, methods=["POST"]),
    ]
    async with serving(Starlette(routes=routes)) as base_url, OmsRegistryClient(settings(base_url)) as register:
        with pytest.raises(PolicySourceUnavailable):
            await register.find_policy(ANNA)
    assert seen == []


async def test_a_failing_register_is_given_a_rest() -> None:
    async with (
        connected() as line,
        OmsRegistryClient(
            settings(str(line.control.base_url).rstrip("/")),
            breaker=Breaker(failures_to_open=2, rest_seconds=60, monotonic=time.monotonic),
        ) as register,
    ):
        await line.spoil("garbage", times=9)
        for _ in range(4):
            with pytest.raises(PolicySourceUnavailable):
                await register.find_policy(ANNA)
        assert len(line.questions) == 2


@pytest.mark.parametrize("kind", [None, "down", "garbage", "truncated", "unauthorized", "wrong_person"])
async def test_no_personal_data_in_logs_or_addresses(
    line: Line, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], kind: str | None
) -> None:
    """S43: everything that any logger writes during a question, and every address that is asked."""
    canaries = [ANNA.snils.digits, ANNA.snils.formatted(), "7756410835001233", "1984-05-17", TOKEN, "Калуга"]
    caplog.set_level(logging.DEBUG)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        if kind is not None:
            await line.spoil(kind, times=3)
        try:
            await line.register.find_policy(ANNA)
        except PolicySourceUnavailable as error:
            logging.getLogger("canary").exception("unavailable", exc_info=error)
    finally:
        structlog.reset_defaults()
    written = caplog.text + "".join(capsys.readouterr())
    assert "oms_registry_asked" in written
    addresses = " ".join(str(question.url) for question in line.questions)
    assert [canary for canary in canaries if canary in written + addresses] == []
