"""Faults of the simulated ESIA, on command: each is used up by the requests it spoils."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, PlainTextResponse, Response

from identity.esia.simulated_errors import failure


class FaultKind(StrEnum):
    """What goes wrong; the second half concerns the answer's content and is done by whoever makes it."""

    SLOW = "slow"
    ERROR = "error"
    OVERLOAD = "overload"
    GARBAGE = "garbage"
    HUGE = "huge"
    FOREIGN_CODE = "foreign_code"

    WRONG_STATE = "wrong_state"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED = "expired"
    FUTURE = "future"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "unsigned"
    SYMMETRIC = "symmetric"
    SWAPPED = "swapped"
    FOREIGN_PERSON = "foreign_person"
    NOT_EMBEDDED = "not_embedded"
    FOREIGN_ELEMENT = "foreign_element"
    MANY_ELEMENTS = "many_elements"


class Fault(BaseModel):
    """The next `times` requests to `endpoint` go wrong; `seconds` is the delay of a slow one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: Literal["authorize", "token", "person", "collection", "jwks"]
    kind: FaultKind
    times: int = Field(default=1, ge=1, le=1_000_000)
    seconds: float = Field(default=30.0, gt=0, le=600)


@dataclass(slots=True)
class Faults:
    """The faults still to come, in the order they were ordered."""

    _waiting: list[Fault] = field(default_factory=list)

    def order(self, fault: Fault) -> None:
        """Add a fault behind those already waiting."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget every fault."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the faults still to come."""
        return list(self._waiting)

    def take(self, endpoint: str) -> Fault | None:
        """Return the fault for a request to `endpoint` and count it down."""
        for place, fault in enumerate(self._waiting):
            if fault.endpoint == endpoint:
                if fault.times == 1:
                    del self._waiting[place]
                else:
                    self._waiting[place] = fault.model_copy(update={"times": fault.times - 1})
                return fault
        return None


async def spoil(fault: Fault | None) -> Response | None:
    """Wait, for a slow one; return the answer that stands in the place of the right one, if any."""
    if fault is None:
        return None
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
        return None
    answers: dict[FaultKind, Response] = {
        FaultKind.ERROR: PlainTextResponse("Internal Server Error", status_code=500),
        FaultKind.OVERLOAD: failure("007008", status=503),
        FaultKind.GARBAGE: PlainTextResponse("<html>технические работы</html>", media_type="text/html"),
        FaultKind.HUGE: JSONResponse({"filler": "x" * 1_000_000}),
        FaultKind.FOREIGN_CODE: failure("007011"),
    }
    return answers.get(fault.kind)
