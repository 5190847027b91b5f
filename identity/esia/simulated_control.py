"""`/_control` of the simulated ESIA: what a test or a demonstration orders it to do wrong or otherwise."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from identity.esia.simulated_faults import Fault
from identity.esia.simulated_state import SimulatedState


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RotateKeys(_Order):
    """Sign with a new key; the old one stays published, or is gone at once."""

    keeps_old: bool = True


class SkewClock(_Order):
    """Be so many seconds ahead of the true time; behind it when negative."""

    seconds: float = Field(ge=-86_400, le=86_400)


class WithdrawConsent(_Order):
    """End everything a person has allowed so far."""

    oid: int


class ControlEndpoints:
    """Each order is a POST of JSON; one that is not understood is 400."""

    def __init__(self, state: SimulatedState) -> None:
        """Take what is changed."""
        self._state = state

    async def faults(self, request: Request) -> Response:
        """Order faults, list them, or forget them all."""
        if request.method == "POST":
            try:
                self._state.faults.order(Fault.model_validate_json(await request.body()))
            except ValidationError as error:
                return _not_understood(error)
        if request.method == "DELETE":
            self._state.faults.clear()
        return JSONResponse([fault.model_dump(mode="json") for fault in self._state.faults.waiting()])

    async def keys(self, request: Request) -> Response:
        """Rotate the key that signs tokens."""
        try:
            order = RotateKeys.model_validate_json(await request.body())
        except ValidationError as error:
            return _not_understood(error)
        await self._state.keys.rotate(keeps_old=order.keeps_old)
        return JSONResponse(self._state.keys.jwks())

    async def clock(self, request: Request) -> Response:
        """Move the clock against the true one."""
        try:
            order = SkewClock.model_validate_json(await request.body())
        except ValidationError as error:
            return _not_understood(error)
        self._state.skew = timedelta(seconds=order.seconds)
        return JSONResponse({"seconds": order.seconds})

    async def consents(self, request: Request) -> Response:
        """Withdraw a person's consents."""
        try:
            order = WithdrawConsent.model_validate_json(await request.body())
        except ValidationError as error:
            return _not_understood(error)
        self._state.withdrawn[order.oid] = self._state.now()
        return JSONResponse({"oid": order.oid})


def _not_understood(error: ValidationError) -> Response:
    return PlainTextResponse(str(error), status_code=400)
