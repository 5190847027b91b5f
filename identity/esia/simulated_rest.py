"""`/rs/prns` of the simulated ESIA over HTTP, its keys, and the end of a session there."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from identity.esia.simulated_errors import EsiaError, failure
from identity.esia.simulated_faults import FaultKind, spoil
from identity.esia.simulated_registry import COLLECTIONS, Registry, parse_embed, spoil_elements
from identity.esia.simulated_state import SimulatedState

_SPOILING_ELEMENTS = frozenset({FaultKind.FOREIGN_ELEMENT, FaultKind.MANY_ELEMENTS})


class RestEndpoints:
    """Shows a person to whoever holds an access token of theirs."""

    def __init__(self, state: SimulatedState) -> None:
        """Take what the other endpoints handed out."""
        self._state = state

    async def person(self, request: Request) -> Response:
        """Give a person, with what `embed` names."""
        fault = self._state.faults.take("person")
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
        fault = self._state.faults.take("collection")
        if spoiled := await spoil(fault):
            return spoiled
        registry = self._registry(request)
        if isinstance(registry, Response):
            return registry
        path = request.path_params["collection"]
        if path not in COLLECTIONS:
            return PlainTextResponse("Not Found", status_code=404)
        embedded = "elements" in parse_embed(request.query_params.get("embed", ""))
        collection = registry.read_collection(path, embedded=embedded)
        if fault and fault.kind in _SPOILING_ELEMENTS:
            collection = spoil_elements(collection, fault.kind)
        return JSONResponse(collection)

    async def element(self, request: Request) -> Response:
        """Give one element of a collection."""
        registry = self._registry(request)
        if isinstance(registry, Response):
            return registry
        path = request.path_params["collection"]
        found = registry.read_element(path, request.path_params["element"]) if path in COLLECTIONS else None
        return PlainTextResponse("Not Found", status_code=404) if found is None else JSONResponse(found)

    async def jwks(self, request: Request) -> Response:
        """Give the published keys."""
        del request
        spoiled = await spoil(self._state.faults.take("jwks"))
        return spoiled or JSONResponse(self._state.keys.jwks())

    async def log_out(self, request: Request) -> Response:
        """End the session and go back to the client, if that is where the address leads."""
        settings, target = self._state.settings, request.query_params.get("redirect_url", "")
        if request.query_params.get("client_id") != settings.client_id:
            return failure("008010")
        if _origin(target) not in {_origin(one) for one in settings.redirect_uris}:
            return failure("007023")
        return RedirectResponse(target, status_code=302)

    def _registry(self, request: Request) -> Registry | Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        held = self._state.access_tokens.get(token) if scheme.lower() == "bearer" else None
        if held is None or self._state.now() >= held[1]:
            return JSONResponse({"error": "invalid_token"}, status_code=401)
        consent, oid = held[0], request.path_params["oid"]
        person = self._state.population.find(str(oid))
        if person is None or oid != consent.oid:
            return JSONResponse({"error": "access_denied"}, status_code=403)
        try:
            self._state.require_permitted(consent)
        except EsiaError as error:
            return failure(error.code, status=403)
        url = str(request.url).partition("/rs/prns/")[0] + f"/rs/prns/{oid}"  # under whatever prefix we are mounted
        return Registry(person, frozenset(consent.scope.split()), url)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
