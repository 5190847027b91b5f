"""Forms and queries of OAuth requests: each parameter once, and nothing that cannot be stored or shown."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from identity.errors import SignInRequestInvalid
from identity.tables import DEVICE_NAME_LENGTH

_MAX_BODY_BYTES = 16_384
_MAX_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Return the form of a request, each parameter once.

    Raises:
        SignInRequestInvalid: Another content type, too long, not UTF-8, or a parameter twice (RFC 6749 §3.2).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise SignInRequestInvalid
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > _MAX_BODY_BYTES:
                raise SignInRequestInvalid
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except (ValueError, ClientDisconnect) as error:
        raise SignInRequestInvalid from error
    return once(pairs)


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters as a mapping.

    Raises:
        SignInRequestInvalid: One stands twice, or holds a NUL, which PostgreSQL cannot store.
    """
    parameters = dict(pairs)
    if len(parameters) != len(pairs) or any("\0" in value for value in parameters.values()):
        raise SignInRequestInvalid
    return parameters


def required(form: Mapping[str, str], name: str) -> str:
    """Return a parameter.

    Raises:
        SignInRequestInvalid: It is missing or empty.
    """
    if not (value := form.get(name)):
        raise SignInRequestInvalid
    return value


def device_name(form: Mapping[str, str]) -> str | None:
    """Return what the person calls the device, in one line.

    Raises:
        SignInRequestInvalid: Too long, or with characters that are not shown.
    """
    name = form.get("device_name", "").strip()
    if len(name) > DEVICE_NAME_LENGTH or not name.isprintable():
        raise SignInRequestInvalid
    return name or None
