"""The authorization endpoint of the simulated ESIA, one for each dialect."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from authlib.common.urls import add_params_to_uri
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from identity.esia.dialects import Dialect
from identity.esia.people import EsiaPerson
from identity.esia.simulated_errors import EsiaError
from identity.esia.simulated_faults import FaultKind, spoil
from identity.esia.simulated_page import people_page
from identity.esia.simulated_state import SimulatedState
from identity.esia.simulated_tokens import Consent
from identity.language import preferred_language

CLOCK_SKEW = timedelta(minutes=5)
_THINKING_TIME = timedelta(minutes=15)
_CODE_LIFETIME = timedelta(seconds=60)


class _Named(BaseModel):
    sysname: str = Field(min_length=1)


class _Permission(BaseModel):
    model_config = ConfigDict(extra="ignore")

    sysname: str = Field(min_length=1)
    responsible_object: str = Field(alias="responsibleObject", min_length=1)
    expire: int = Field(gt=0, le=10_000_000)
    scopes: list[_Named] = Field(min_length=1)


_PERMISSIONS = TypeAdapter(list[_Permission])


class SignInEndpoint:
    """Asks who somebody is and sends the browser back."""

    def __init__(self, state: SimulatedState, dialect: Dialect) -> None:
        """Speak one dialect."""
        self._state = state
        self._dialect = dialect

    async def ask(self, request: Request) -> Response:
        """Show the page, or send the browser back with an error."""
        parameters = dict(request.query_params)
        if spoiled := await spoil(self._state.faults.take("authorize")):
            return spoiled
        try:
            redirect_uri = self._state.client.require_redirect(parameters)
        except EsiaError as error:
            return PlainTextResponse(error.parameters["error_description"], status_code=400)
        try:
            self._check(parameters, window=CLOCK_SKEW)
        except EsiaError as error:
            return _back(redirect_uri, {**error.parameters, "state": parameters.get("state", "")})
        language = preferred_language(request.headers.get("accept-language"))
        return people_page(self._state.population, parameters, language=language)

    async def choose(self, request: Request) -> Response:
        """Take the choice: form field `person` (nick or oid), or `deny`."""
        parameters = dict(request.query_params)
        form = await request.form()
        fault = self._state.faults.take("authorize")
        if spoiled := await spoil(fault):
            return spoiled
        try:
            redirect_uri = self._state.client.require_redirect(parameters)
        except EsiaError as error:
            return PlainTextResponse(error.parameters["error_description"], status_code=400)
        state = str(uuid4()) if fault and fault.kind is FaultKind.WRONG_STATE else parameters.get("state", "")
        try:
            self._check(parameters, window=_THINKING_TIME)
            scopes = frozenset(parameters["scope"].split())
            person = self._state.find_person("" if form.get("deny") else str(form.get("person", "")), scopes=scopes)
        except EsiaError as error:
            return _back(redirect_uri, {**error.parameters, "state": state})
        return _back(redirect_uri, {"code": self._consent(person, parameters), "state": state})

    def _check(self, parameters: Mapping[str, str], *, window: timedelta) -> None:
        names = self._dialect.signed_to_authorize
        self._state.client.require_signed(parameters, self._dialect, names, now=self._state.now(), window=window)
        if parameters.get("response_type") != "code":
            raise EsiaError("007003")
        _permitted_until(parameters, now=self._state.now())
        if self._dialect.proves_key and not (
            parameters.get("code_challenge") and parameters.get("code_challenge_method") == "S256"
        ):
            raise EsiaError("007039")

    def _consent(self, person: EsiaPerson, parameters: Mapping[str, str]) -> str:
        now = self._state.now()
        return self._state.codes.put(
            Consent(
                oid=person.oid,
                scope=parameters["scope"],
                redirect_uri=parameters["redirect_uri"],
                dialect=self._dialect,
                code_challenge=parameters["code_challenge"] if self._dialect.proves_key else None,
                session_id=str(uuid4()),
                authenticated_at=now,
                expires_at=now + _CODE_LIFETIME,
                permitted_until=_permitted_until(parameters, now=now),
            )
        )


def _permitted_until(parameters: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return the end of the shortest permission asked for (config).

    Raises:
        EsiaError: 007003 for `permissions` that is not a base64url JSON array of them.
    """
    if "permissions" not in parameters:
        return None
    bare = parameters["permissions"].rstrip("=")
    try:
        asked = _PERMISSIONS.validate_json(base64.b64decode(bare + "=" * (-len(bare) % 4), b"-_", validate=True))
    except (ValueError, ValidationError) as error:
        raise EsiaError("007003") from error
    return min((now + timedelta(minutes=one.expire) for one in asked), default=None)


def _back(redirect_uri: str, parameters: dict[str, str]) -> Response:
    return RedirectResponse(add_params_to_uri(redirect_uri, list(parameters.items())), status_code=302)
