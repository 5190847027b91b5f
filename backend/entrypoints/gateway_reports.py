"""Where SMS gateways report what became of messages: `POST /reports/sms/{provider}`, signed."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from notifications.channels.port import Provider
from notifications.channels.sms_reports import SIGNATURE_HEADER, ReportUnsigned, read_reports
from notifications.errors import NotificationRefusal
from notifications.gateway_reports import Telephones, keep_reports

REPORTS_PATH = "/reports/sms/{provider}"
_LONGEST_BODY_BYTES = 262_144

_log = structlog.get_logger("reports")


class _Reports:
    def __init__(
        self, database: Database, clock: Clock, secrets: Mapping[Provider, str], telephones: Telephones
    ) -> None:
        self._database = database
        self._telephones = telephones
        self._clock = clock
        self._secrets = {provider.value: (provider, secret) for provider, secret in secrets.items()}

    async def take(self, request: Request) -> Response:
        """Keep what a gateway tells; told again it changes nothing."""
        known = self._secrets.get(request.path_params["provider"])
        if known is None:
            return JSONResponse({"code": "NOT_FOUND"}, status_code=404)
        body = await _short_body(request)
        if body is None:
            return JSONResponse({"code": "PAYLOAD_TOO_LARGE"}, status_code=413)
        provider, secret = known
        try:
            reports = read_reports(body, signature=request.headers.get(SIGNATURE_HEADER, ""), secret=secret)
            async with self._database.transaction() as session:
                count = await keep_reports(session, provider, reports, self._telephones, now=self._clock())
        except NotificationRefusal as refusal:
            _log.warning("report_refused", provider=provider.value, code=refusal.code)
            return JSONResponse({"code": refusal.code}, status_code=401 if isinstance(refusal, ReportUnsigned) else 400)
        except Operational as error:
            return JSONResponse({"code": error.code}, status_code=503, headers={"Retry-After": "5"})
        _log.info("reports_kept", provider=provider.value, told=len(reports), known=count)
        return Response(status_code=204)


def report_routes(
    database: Database, clock: Clock, secrets: Mapping[Provider, str], telephones: Telephones
) -> list[Route]:
    """Return the route of the gateways that are set up.

    Args:
        database: Where deliveries are.
        clock: Dates what came.
        secrets: By gateway: what it signs with. Any other one is not found.
        telephones: To leave alone who refuses.
    """
    return [Route(REPORTS_PATH, _Reports(database, clock, secrets, telephones).take, methods=["POST"])]


async def _short_body(request: Request) -> bytes | None:
    """Return the body, or None when it is too long, however it is sent."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY_BYTES:
            return None
    return bytes(body)
