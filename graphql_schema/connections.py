"""Relay connections over keyset cursors: a page starts after a row, never at an offset."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from graphql_schema.errors import BadCursor, PageSizeRefused
from graphql_schema.fields import field

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
_LONGEST_CURSOR = 512

NodeType = TypeVar("NodeType")


@strawberry.type(description="Where a page ends and whether there is more.")
class PageInfo:
    """Forward paging only: a feed has no previous page."""

    has_next_page: bool = strawberry.field(description="Whether another page follows.")
    end_cursor: str | None = strawberry.field(
        default=None, description="Give it as `after` to get the next page; null on an empty page."
    )


@strawberry.type(description="One object of a page, with the cursor of its place.")
class Edge(Generic[NodeType]):
    """A place in a list."""

    cursor: str = strawberry.field(description="The place of this object in the list; opaque.")
    node: NodeType = strawberry.field(description="The object.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeType]):
    """A page; in the schema `Connection[Slot]` is `SlotConnection`. Cursors are written where they are asked for."""

    page_info: PageInfo = strawberry.field(description="Where this page ends.")
    listed: strawberry.Private[Sequence[Any]]
    write_cursor: strawberry.Private[Callable[[int], str]]
    total_count: int | None = strawberry.field(
        default=None, description="How many objects there are in all; null where counting would be too slow."
    )

    @field(description="The objects of this page with their cursors, in order.")
    def edges(self) -> list[Edge[NodeType]]:
        """Write the cursor of each object."""
        return [Edge(cursor=self.write_cursor(number), node=node) for number, node in enumerate(self.listed)]

    @field(description="The objects of this page without their cursors, in order.")
    def nodes(self) -> list[NodeType]:
        """Spare the clients that do not page a level."""
        return list(self.listed)


def connect(nodes: Sequence[NodeType], *, write_cursor: Callable[[int], str], has_next: bool) -> Connection[NodeType]:
    """Return a page of objects; `write_cursor` gives the cursor of the one at a place, counted from 0."""
    end_cursor = write_cursor(len(nodes) - 1) if nodes else None
    page_info = PageInfo(has_next_page=has_next, end_cursor=end_cursor)
    return Connection(page_info=page_info, listed=nodes, write_cursor=write_cursor)


def page_size(first: int | None) -> int:
    """Return how many rows to read for the argument `first`.

    Raises:
        PageSizeRefused: Below 1 or above 100 (S2).
    """
    if first is None:
        return DEFAULT_PAGE_SIZE
    if not 1 <= first <= MAX_PAGE_SIZE:
        raise PageSizeRefused
    return first


def encode_cursor(*parts: str) -> str:
    """Return an opaque cursor of the sort key of a row, most significant part first."""
    return urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def decode_cursor(cursor: str, parts: int) -> tuple[str, ...]:
    """Return the parts of a cursor; what they mean is checked by the caller, who raises `BadCursor` too.

    Raises:
        BadCursor: Not a cursor of `parts` parts.
    """
    if len(cursor) > _LONGEST_CURSOR:
        raise BadCursor
    try:
        decoded = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (UnicodeError, binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(decoded, list) or len(decoded) != parts or not all(isinstance(part, str) for part in decoded):
        raise BadCursor
    return tuple(decoded)


def encode_place(instant: datetime, uuid: UUID) -> str:
    """Return the cursor of a row that is sorted by an instant, and by its id among those of one instant."""
    return encode_cursor(instant.isoformat(), uuid.hex)


def decode_place(cursor: str) -> tuple[datetime, UUID]:
    """Return the instant (aware UTC) and the id of a cursor that `encode_place` gave.

    Raises:
        BadCursor: It did not.
    """
    instant, uuid = decode_cursor(cursor, 2)
    try:
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise BadCursor
        return at.astimezone(UTC), UUID(uuid)
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
