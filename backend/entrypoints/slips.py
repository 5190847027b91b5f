"""`GET /appointments/{id}/slip.pdf`: an own appointment on paper, for whoever shows their token; kiosks print it."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.booking.values import AppointmentId
from backend.errors import NotFound, Operational
from backend.slips.errors import SlipNotFound
from backend.slips.service import SlipService
from graphql_schema.catalogue import Language
from graphql_schema.entry import has_one_proof, refused_entry
from graphql_schema.node import decode_id, encode_id
from identity.admission import Credentials
from identity.errors import IdentityOperational, IdentityRefusal
from identity.language import preferred_language
from identity.principal import Principal

SLIPS_PATH = "/appointments/{id}/slip.pdf"

_PRIVATE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": "Authorization, Accept-Language",
    "x-content-type-options": "nosniff",
}
_FOUND = {
    **_PRIVATE,
    "content-disposition": 'inline; filename="appointment.pdf"',
    "content-type": "application/pdf",
}
_log = structlog.get_logger("slips")

Words = Callable[[str, Language], str]
Authenticate = Callable[[Credentials], Awaitable[Principal]]


def slip_routes(slips: SlipService, authenticate: Authenticate, message: Words, *, public_url: str) -> list[BaseRoute]:
    """Return the route of slips; a foreign appointment and a missing one answer alike.

    Args:
        slips: Who prints.
        authenticate: Takes the same tokens and proofs as the GraphQL endpoint does.
        message: Gives the text for people of a code.
        public_url: What the proof of a device's key is made for, before the path.
    """

    async def slip(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        proof = request.headers.get("dpop") if has_one_proof(request.scope) else None
        authorization = request.headers.get("authorization", "")
        credentials = Credentials(authorization, request.method, public_url + request.url.path, proof)
        try:
            actor = await authenticate(credentials)
        except (IdentityRefusal, IdentityOperational) as failure:
            said = refused_entry(failure, credentials)
            return _failed(said.status or 401, failure.code, message(failure.code, language), said.headers)
        try:
            appointment_id = AppointmentId(decode_id(request.path_params["id"], "Appointment", missing=SlipNotFound))
            reference = encode_id("Appointment", appointment_id)
            pdf = await slips.slip(actor, appointment_id, reference=reference, language=language)
        except NotFound:
            return _failed(404, SlipNotFound.code, message(SlipNotFound.code, language))
        except IdentityRefusal as refusal:
            return _failed(403, refusal.code, message(refusal.code, language))
        except Operational as error:
            _log.warning("slip_failed", code=error.code)
            return _failed(503, error.code, message(error.code, language))
        return Response(pdf, headers={**_FOUND, "content-language": language})

    return [Route(SLIPS_PATH, slip, methods=["GET"])]


def _failed(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Response:
    body = {"code": code, "message": text}
    return JSONResponse(body, status_code=status, headers={**_PRIVATE, **(headers or {})})
