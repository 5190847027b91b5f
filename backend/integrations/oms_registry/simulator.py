"""A register that speaks the same words over HTTP, with faults on command; refused in production by the roof.

`POST /_control/faults {"kind": "slow", "times": 1, "seconds": 3}` spoils the next answers, `DELETE` mends them.
"""

import asyncio
import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from backend.clock import Clock
from backend.integrations.oms_registry.wire import (
    KINDS,
    SEARCH_PATH,
    SEXES,
    STATUSES,
    Found,
    InsuredWire,
    InsurerWire,
    NothingFound,
    PolicyWire,
    SearchRequest,
)
from backend.policy.values import PolicyKind, PolicyStatus
from backend.profile.values import Sex

_KIND_WORDS = {kind: word for word, kind in KINDS.items()}
_STATUS_WORDS = {status: word for word, status in STATUSES.items()}
_SEX_WORDS = {sex: word for word, sex in SEXES.items()}


@dataclass(frozen=True, slots=True)
class OmsRecord:
    """One insured person in the register; `snils` is 11 digits, `enp` 16."""

    snils: str
    birth_date: date
    sex: Sex
    enp: str
    valid_from: date
    insurer_name: str
    insurer_phone: str
    insurer_ogrn: str | None = None
    region: str = "Калужская область"
    kind: PolicyKind = PolicyKind.UNIFIED
    status: PolicyStatus = PolicyStatus.ACTIVE


class Fault(BaseModel):
    """What to do wrong: for the next `times` questions; `seconds` is how late a slow answer comes."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["down", "slow", "garbage", "wrong_person", "unauthorized", "truncated"]
    times: int = Field(default=1, ge=1, le=1_000)
    seconds: float = Field(default=0, ge=0, le=60)


class _Register:
    """The records, the credentials and the faults to come."""

    def __init__(self, records: Mapping[str, OmsRecord], token: str, clock: Clock) -> None:
        self._records = records
        self._authorization = f"Bearer {token}".encode()
        self._clock = clock
        self._faults: deque[Fault] = deque()

    async def control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
            return Response(status_code=204)
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"errors": error.errors(include_url=False, include_input=False)}, status_code=400)
        self._faults.extend([fault] * fault.times)
        return Response(status_code=204)

    async def search(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._authorization):
            return JSONResponse({"error": "UNAUTHORIZED"}, status_code=401)
        try:
            asked = SearchRequest.model_validate_json(await request.body())
        except ValidationError:
            return JSONResponse({"error": "BAD_REQUEST"}, status_code=400)
        record = self._records.get(asked.snils)
        if record is not None and record.birth_date != asked.birth_date:
            record = None
        fault = self._faults.popleft() if self._faults else None
        return self._answer(record) if fault is None else await self._spoil(fault, record)

    async def _spoil(self, fault: Fault, record: OmsRecord | None) -> Response:
        match fault.kind:
            case "down":
                return PlainTextResponse("Service Unavailable", status_code=503)
            case "unauthorized":
                return JSONResponse({"error": "UNAUTHORIZED"}, status_code=401)
            case "garbage":
                return PlainTextResponse("<html>maintenance</html>")
            case "truncated":
                body = bytes(self._answer(record).body)
                return Response(body[: len(body) // 2], media_type="application/json")
            case "wrong_person":
                return self._answer(self._somebody_else(record))
            case "slow":
                await asyncio.sleep(fault.seconds)
                return self._answer(record)

    def _somebody_else(self, record: OmsRecord | None) -> OmsRecord | None:
        others = (other for other in self._records.values() if other is not record)
        fallback = replace(record, birth_date=record.birth_date + timedelta(days=1)) if record else None
        return next(others, fallback)

    def _answer(self, record: OmsRecord | None) -> JSONResponse:
        if record is None:
            return _json(NothingFound(found=False))
        return _json(
            Found(
                found=True,
                as_of=self._clock(),
                insured=InsuredWire(snils=record.snils, birth_date=record.birth_date, sex=_SEX_WORDS[record.sex]),
                policy=PolicyWire(
                    kind=_KIND_WORDS[record.kind],
                    status=_STATUS_WORDS[record.status],
                    valid_from=record.valid_from,
                    region=record.region,
                    insurer=InsurerWire(name=record.insurer_name, phone=record.insurer_phone, ogrn=record.insurer_ogrn),
                    enp=record.enp,
                ),
            )
        )


def create_simulator(records: Mapping[str, OmsRecord], *, token: str, clock: Clock) -> Starlette:
    """Build the simulator.

    Args:
        records: Who is insured, by SNILS (11 digits); looked up at each question, so a lazy or changing
            mapping will do.
        token: The bearer token it accepts.
        clock: Dates its answers.

    Returns:
        An ASGI application to mount anywhere; it needs no lifespan.
    """
    register = _Register(records, token, clock)
    return Starlette(
        routes=[
            Route(SEARCH_PATH, register.search, methods=["POST"]),
            Route("/_control/faults", register.control, methods=["POST", "DELETE"]),
        ]
    )


def _json(answer: Found | NothingFound) -> JSONResponse:
    return JSONResponse(answer.model_dump(mode="json", by_alias=True, exclude_none=True))
