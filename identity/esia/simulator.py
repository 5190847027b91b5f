"""A simulated ESIA: a real HTTP app in the v2/v3 dialect, driven by a clock, that fails on command.

Source of its words: ESIA, «Методические рекомендации по использованию»; the differences from the real one are RSA in
the place of GOST and a page where one picks a person in the place of a password.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from identity.esia.dialects import V2_V3
from identity.esia.people import EsiaPerson, People, Population
from identity.esia.simulated_client import RegisteredClient, SimulatorSettings
from identity.esia.simulated_errors import EsiaError, failure
from identity.esia.simulated_faults import Fault, FaultKind, Faults, spoil
from identity.esia.simulated_page import people_page
from identity.esia.simulated_registry import COLLECTIONS, Registry, parse_embed
from identity.esia.simulated_tokens import ACCESS_SECONDS, Consent, Shelf, TokenMint
from identity.language import preferred_language

_CLOCK_SKEW = timedelta(minutes=5)
_THINKING_TIME = timedelta(minutes=15)
_CODE_LIFETIME = timedelta(seconds=60)


def create_simulator(
    people: People, *, settings: SimulatorSettings, clock: Callable[[], datetime], key: RSAPrivateKey
) -> Starlette:
    """Build the app; it may be mounted under any prefix.

    Args:
        people: Everybody with an account; those with a nick are offered first.
        settings: The one registered client.
        clock: The present instant, aware UTC.
        key: Signs ESIA's tokens.
    """
    esia = _Esia(people, settings=settings, clock=clock, key=key)
    routes = [
        Route(V2_V3.authorize_path, esia.ask, methods=["GET"]),
        Route(V2_V3.authorize_path, esia.choose, methods=["POST"]),
        Route(V2_V3.token_path, esia.token, methods=["POST"]),
        Route("/rs/prns/{oid:int}", esia.person, methods=["GET"]),
        Route("/rs/prns/{oid:int}/{collection}", esia.collection, methods=["GET"]),
        Route("/rs/prns/{oid:int}/{collection}/{element}", esia.element, methods=["GET"]),
        Route("/idp/ext/Logout", esia.log_out, methods=["GET"]),
    ]
    if settings.control:
        routes.append(Route("/_control/faults", esia.control, methods=["GET", "POST", "DELETE"]))
    return Starlette(routes=routes)


class _Esia:
    def __init__(
        self, people: People, *, settings: SimulatorSettings, clock: Callable[[], datetime], key: RSAPrivateKey
    ) -> None:
        self._population = Population(people)
        self._settings = settings
        self._client = RegisteredClient(settings)
        self._clock = clock
        self._mint = TokenMint(key=key, client_id=settings.client_id, issuer=settings.issuer)
        self._faults = Faults()
        self._codes: Shelf[Consent] = Shelf()
        self._refresh_tokens: Shelf[Consent] = Shelf()
        self._access_tokens: Shelf[tuple[Consent, datetime]] = Shelf()

    async def ask(self, request: Request) -> Response:
        """Show the page, or send the browser back with an error."""
        parameters = dict(request.query_params)
        fault = self._faults.take("authorize")
        if spoiled := await spoil(fault):
            return spoiled
        try:
            redirect_uri = self._client.require_redirect(parameters)
        except EsiaError as error:
            return PlainTextResponse(error.parameters["error_description"], status_code=400)
        try:
            self._check_asked(parameters, window=_CLOCK_SKEW)
        except EsiaError as error:
            return _back(redirect_uri, {**error.parameters, "state": parameters.get("state", "")})
        language = preferred_language(request.headers.get("accept-language"))
        return people_page(self._population, parameters, language=language)

    async def choose(self, request: Request) -> Response:
        """Take the choice: form field `person` (nick or oid), or `deny`."""
        parameters = dict(request.query_params)
        form = await request.form()
        fault = self._faults.take("authorize")
        if spoiled := await spoil(fault):
            return spoiled
        try:
            redirect_uri = self._client.require_redirect(parameters)
        except EsiaError as error:
            return PlainTextResponse(error.parameters["error_description"], status_code=400)
        state = str(uuid4()) if fault and fault.kind is FaultKind.WRONG_STATE else parameters.get("state", "")
        try:
            self._check_asked(parameters, window=_THINKING_TIME)
            person = self._chosen("" if form.get("deny") else str(form.get("person", "")))
        except EsiaError as error:
            return _back(redirect_uri, {**error.parameters, "state": state})
        return _back(redirect_uri, {"code": self._consent(person, parameters), "state": state})

    async def token(self, request: Request) -> Response:
        """Give tokens for a code or a refresh token."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        fault = self._faults.take("token")
        if spoiled := await spoil(fault):
            return spoiled
        try:
            self._client.require_redirect(form)
            consent = self._redeemed(form)
            person = self._chosen(str(consent.oid))
        except EsiaError as error:
            return failure(error.code)
        kind = None if fault is None else fault.kind
        access, identity = self._mint.mint(person, consent, now=self._clock(), fault=kind)
        self._access_tokens.put((consent, self._clock() + timedelta(seconds=ACCESS_SECONDS)), key=access)
        return JSONResponse(
            {
                "access_token": access,
                "id_token": identity,
                "state": str(uuid4()) if kind is FaultKind.WRONG_STATE else form["state"],
                "token_type": "Bearer",
                "expires_in": ACCESS_SECONDS,
                "refresh_token": self._refresh_tokens.put(consent),
            }
        )

    async def person(self, request: Request) -> Response:
        """Give a person, with what `embed` names."""
        fault = self._faults.take("person")
        if spoiled := await spoil(fault):
            return spoiled
        registry = self._registry(request)
        if isinstance(registry, Response):
            return registry
        embed = parse_embed(request.query_params.get("embed", ""))
        if fault and fault.kind is FaultKind.NOT_EMBEDDED:
            embed = frozenset(name.removesuffix(".elements") for name in embed)
        return JSONResponse(registry.read_person(embed))

    async def collection(self, request: Request) -> Response:
        """Give a collection of a person."""
        registry = self._registry(request)
        if isinstance(registry, Response):
            return registry
        path = request.path_params["collection"]
        if path not in COLLECTIONS:
            return PlainTextResponse("Not Found", status_code=404)
        embedded = "elements" in parse_embed(request.query_params.get("embed", ""))
        return JSONResponse(registry.read_collection(path, embedded=embedded))

    async def element(self, request: Request) -> Response:
        """Give one element of a collection."""
        registry = self._registry(request)
        if isinstance(registry, Response):
            return registry
        path = request.path_params["collection"]
        found = registry.read_element(path, request.path_params["element"]) if path in COLLECTIONS else None
        return PlainTextResponse("Not Found", status_code=404) if found is None else JSONResponse(found)

    async def log_out(self, request: Request) -> Response:
        """End the session and go back to the client, if that is where the address leads."""
        target = request.query_params.get("redirect_url", "")
        if request.query_params.get("client_id") != self._settings.client_id:
            return failure("008010")
        if _origin(target) not in {_origin(one) for one in self._settings.redirect_uris}:
            return failure("007023")
        return RedirectResponse(target, status_code=302)

    async def control(self, request: Request) -> Response:
        """Order faults, list them, or forget them all."""
        if request.method == "POST":
            try:
                self._faults.order(Fault.model_validate_json(await request.body()))
            except ValidationError as error:
                return PlainTextResponse(str(error), status_code=400)
        if request.method == "DELETE":
            self._faults.clear()
        return JSONResponse([fault.model_dump(mode="json") for fault in self._faults.waiting()])

    def _check_asked(self, parameters: dict[str, str], *, window: timedelta) -> None:
        names = V2_V3.signed_to_authorize
        self._client.require_signed(parameters, names, now=self._clock(), window=window)
        if parameters.get("response_type") != "code":
            raise EsiaError("007003")
        if not parameters.get("code_challenge") or parameters.get("code_challenge_method") != "S256":
            raise EsiaError("007039")

    def _chosen(self, name: str) -> EsiaPerson:
        person = self._population.find(name)
        if person is None:
            raise EsiaError("007004")
        if self._settings.confirmed_only and not person.trusted:
            raise EsiaError("007055")
        return person

    def _consent(self, person: EsiaPerson, parameters: dict[str, str]) -> str:
        now = self._clock()
        return self._codes.put(
            Consent(
                oid=person.oid,
                scope=parameters["scope"],
                redirect_uri=parameters["redirect_uri"],
                code_challenge=parameters["code_challenge"],
                session_id=str(uuid4()),
                authenticated_at=now,
                expires_at=now + _CODE_LIFETIME,
            )
        )

    def _redeemed(self, form: dict[str, str]) -> Consent:
        now = self._clock()
        if form.get("grant_type") == "refresh_token":
            self._client.require_signed(form, V2_V3.signed_to_authorize, now=now, window=_CLOCK_SKEW)
            consent = self._refresh_tokens.take(form.get("refresh_token", ""))
            if consent is None:
                raise EsiaError("007011")
            return consent
        if form.get("grant_type") != "authorization_code":
            raise EsiaError("007003")
        self._client.require_signed(form, V2_V3.signed_to_exchange, now=now, window=_CLOCK_SKEW)
        if not form.get("code_verifier"):
            raise EsiaError("007039")
        consent = self._codes.take(form.get("code", ""))
        if consent is None or now >= consent.expires_at or form["redirect_uri"] != consent.redirect_uri:
            raise EsiaError("007011")
        if create_s256_code_challenge(form["code_verifier"]) != consent.code_challenge:
            raise EsiaError("007040")
        return consent

    def _registry(self, request: Request) -> Registry | Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        held = self._access_tokens.get(token) if scheme.lower() == "bearer" else None
        if held is None or self._clock() >= held[1]:
            return JSONResponse({"error": "invalid_token"}, status_code=401)
        consent, oid = held[0], request.path_params["oid"]
        person = self._population.find(str(oid))
        if person is None or oid != consent.oid:
            return JSONResponse({"error": "access_denied"}, status_code=403)
        url = str(request.url).partition("/rs/prns/")[0] + f"/rs/prns/{oid}"  # under whatever prefix we are mounted
        return Registry(person, frozenset(consent.scope.split()), url)


def _back(redirect_uri: str, parameters: dict[str, str]) -> Response:
    return RedirectResponse(add_params_to_uri(redirect_uri, list(parameters.items())), status_code=302)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
