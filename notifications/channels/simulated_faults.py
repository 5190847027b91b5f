"""What every simulated provider has in common: faults on command, and a hang-up in the midst of an answer.

`POST /_control/faults {"kind": "slow", "times": 1, "seconds": 3}` spoils the next answers, `DELETE` mends them.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send


class Fault(BaseModel):
    """What to do wrong, for the next `times` answers; each provider narrows `kind` to its own."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    times: int = Field(default=1, ge=1, le=100_000)
    seconds: float = Field(default=0, ge=0, le=60)
    """How late a slow answer comes."""
    retry_after: str | None = Field(default=None, max_length=64, pattern=r"^[ -~]+$")
    """Sent as the header of that name with an answer that has one."""


F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """The faults to come, first in first out."""

    def __init__(self, model: type[F]) -> None:
        """Begin without any."""
        self._model = model
        self._coming: deque[F] = deque()

    def take(self, wanted: Callable[[F], bool] = lambda _fault: True) -> F | None:
        """Return the first fault that is `wanted`; it is used up."""
        for place, fault in enumerate(self._coming):
            if wanted(fault):
                del self._coming[place]
                return fault
        return None

    async def control(self, request: Request) -> Response:
        """Answer `POST` and `DELETE` of `/_control/faults`."""
        if request.method == "DELETE":
            self._coming.clear()
            return Response(status_code=204)
        try:
            fault = self._model.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"errors": error.errors(include_url=False, include_input=False)}, status_code=400)
        self._coming.extend([fault] * fault.times)
        return Response(status_code=204)


class HangUp(Response):
    """Begins an answer and is gone: the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more than is ever sent."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"name', "more_body": True})


def broken_answer(kind: str) -> Response | None:
    """Return the answer to a message that was taken, of which nobody can tell that it was; None for another kind."""
    match kind:
        case "malformed":
            return JSONResponse(["taken"])
        case "not_json":
            return PlainTextResponse("<html>")
        case "hang_up":
            return HangUp()
        case _:
            return None
