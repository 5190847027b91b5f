"""Global opaque ids over UUIDs (Relay `Node`)."""

import binascii
from base64 import urlsafe_b64decode
from uuid import UUID

import strawberry

from backend.errors import NotFound

_LONGEST_ID = 128
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@strawberry.interface(description="An object with a global id, which `node` finds again.")
class Node:
    """Anything that can be asked for by its id."""

    id: strawberry.ID = strawberry.field(description="The global id; opaque, never a personal number.")


def encode_id(type_name: str, uuid: UUID) -> strawberry.ID:
    """Return the global id of an object of the GraphQL type `type_name`."""
    raw = binascii.b2a_base64(f"{type_name}:".encode() + uuid.bytes, newline=False)
    return strawberry.ID(raw.translate(_URL_SAFE, b"=").decode())


def split_id(global_id: str) -> tuple[str, UUID]:
    """Return the type name and the UUID of a global id; only the exact form that `encode_id` gives.

    Raises:
        NotFound: The id is malformed; to the caller that is the same as a missing object (S36).
    """
    if len(global_id) > _LONGEST_ID:
        raise NotFound
    try:
        raw = urlsafe_b64decode(global_id.encode("ascii") + b"=" * (-len(global_id) % 4))
        type_name, separator, uuid_bytes = raw.partition(b":")
        name, uuid = type_name.decode("ascii"), UUID(bytes=uuid_bytes)
    except (UnicodeError, binascii.Error, ValueError) as error:
        raise NotFound from error
    if not separator or encode_id(name, uuid) != global_id:
        raise NotFound
    return name, uuid


def decode_id(global_id: str, type_name: str, *, missing: type[Exception] = NotFound) -> UUID:
    """Return the UUID of a global id of the GraphQL type `type_name`.

    Raises:
        missing: The id is malformed or of another type, which is answered as a missing object of this kind is (S36).
    """
    try:
        name, uuid = split_id(global_id)
    except NotFound as error:
        raise missing from error
    if name != type_name:
        raise missing
    return uuid
