"""Cursors of a search: each is good in the order that gave it."""

from uuid import UUID

from backend.slot_search.values import Order, Place
from graphql_schema.connections import decode_cursor, decode_place, encode_cursor, encode_place
from graphql_schema.errors import BadCursor


def write_place(place: Place, order: Order) -> str:
    """Return the cursor of a place."""
    group = place.group_id.hex if place.group_id else ""
    return encode_cursor(order.value, group, encode_place(place.starts_at, place.id))


def read_place(cursor: str, order: Order) -> Place:
    """Return the place of a cursor that `write_place` gave.

    Raises:
        BadCursor: It did not, or in another order.
    """
    of_order, group, place = decode_cursor(cursor, 3)
    if of_order != order.value or bool(group) is (order is Order.EARLIEST):
        raise BadCursor
    starts_at, slot_id = decode_place(place)
    try:
        return Place(starts_at, slot_id, UUID(group) if group else None)
    except ValueError as error:
        raise BadCursor from error
