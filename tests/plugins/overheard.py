"""What the product has handed to carriers of messages, over HTTP, in any test: kept until the test ends."""

from collections.abc import MutableMapping
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATHS = ("/messages:send", "/v1/messages")
_ADDRESSES = frozenset({"to", "token", "fid"})
"""Where a message goes is the one thing about a person that its carrier has to know."""

sent: list[str] = []
"""Each message as text, without its address."""


def overhearing(app: ASGIApp) -> ASGIApp:
    """Keep what an app is handed that carries messages, and change nothing."""

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not str(scope["path"]).endswith(_PATHS):
            await app(scope, receive, send)
            return
        body = bytearray()

        async def take() -> Message:
            message: MutableMapping[str, Any] = await receive()
            body.extend(message.get("body", b""))
            return message

        try:
            await app(scope, take, send)
        finally:
            sent.append(_without_address(bytes(body)))

    return listening


def _without_address(body: bytes) -> str:
    try:
        return orjson.dumps(_stripped(orjson.loads(body))).decode()
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stripped(inner) for name, inner in value.items() if name not in _ADDRESSES}
    return value
