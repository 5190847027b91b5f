"""Development doors for the explorer: the demo people, and a token without a browser; never mounted in production."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.entrypoints.bootstrap import Parts
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.sign_in import DemoPersonUnknown, development_token
from backend.entrypoints.tokens import identity_settings


def demo_routes(parts: Parts) -> list[BaseRoute]:
    """Return `GET /dev/people` (`[{nick, label}]`) and `POST /dev/token?as=nick` (`{accessToken}`)."""

    async def people(_request: Request) -> Response:
        return JSONResponse([{"nick": one.nick, "label": one.label} for one in NAMED])

    async def token(request: Request) -> Response:
        try:
            access_token = await development_token(
                nick=request.query_params.get("as", ""),
                database=parts.database,
                tokens=parts.tokens,
                settings=identity_settings(parts.settings),
                clock=parts.clock,
            )
        except DemoPersonUnknown as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        return JSONResponse({"accessToken": access_token}, headers={"cache-control": "no-store"})

    return [Route("/dev/people", people, methods=["GET"]), Route("/dev/token", token, methods=["POST"])]
