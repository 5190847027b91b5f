"""The bare server: what HTTP alone costs here."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


def create_floor(bodies: Mapping[str, bytes]) -> ASGIApp:
    """Answer a prebuilt body by path; nothing is read but the request itself."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("nothing to start")  # ASGI: an app without a lifespan raises
        while (await receive()).get("more_body", False):
            pass
        body = bodies[scope["path"]]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
