"""Whether the process lives and whether it can serve."""

from collections.abc import Awaitable, Callable

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.database import Database
from backend.errors import Operational
from backend.lifecycle import Lifecycle


def health_routes(database: Database, lifecycle: Lifecycle) -> list[BaseRoute]:
    """Return `/health/live` (the process answers) and `/health/ready`; never throttled.

    Ready means that the database answers and that no drain began: a balancer sends nothing new to who says 503.
    """

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        if lifecycle.is_draining:
            return JSONResponse({"status": "draining"}, status_code=503)
        try:
            async with database.reading() as session:
                await (await session.connection()).execute(text("SELECT 1"))
        except Operational as error:
            return JSONResponse({"status": "not ready", "code": error.code}, status_code=503)
        return JSONResponse({"status": "ready"})

    views: dict[str, Callable[[Request], Awaitable[Response]]] = {"/health/live": live, "/health/ready": ready}
    return [Route(path, view, methods=["GET"]) for path, view in views.items()]
