"""Rooms with all that can be completed speculatively, right ones and such with something wrong in them."""

import enum
from collections.abc import Callable
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLSchema, parse

from graphql_schema.compiled.operations import CompiledOperation, OperationCompiler


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Named:
    id: strawberry.ID


@strawberry.type
class Bed:
    code: str
    width: int | None


@strawberry.type
class Room(Named):
    number: int
    area: float
    colour: Colour
    other: Colour | None
    is_open: bool
    note: str | None
    first: Bed
    spare: Bed | None
    beds: list[Bed]
    rows: list[list[Bed | None] | None] | None
    words: list[str | None]
    colours: list[Colour]


@strawberry.type
class Hall:
    room: Room
    best: Room | None


Place = Annotated[Hall | Room, strawberry.union("Place")]


@strawberry.type
class Query:
    @strawberry.field
    def room(self) -> Room | None:
        return cast("Room", self)

    @strawberry.field
    async def hall(self) -> Hall:
        return Hall(room=cast("Room", self), best=cast("Room", self))

    @strawberry.field
    async def rooms(self) -> list[Room | None] | None:
        return [cast("Room", self), None, cast("Room", self)]

    @strawberry.field
    def places(self) -> list[Place | None]:
        return [cast("Room", self), Hall(room=room(), best=None), None]


SCHEMA: GraphQLSchema = strawberry.Schema(Query)._schema
_ROOM = """
    fragment Room on Room {
      __typename id number area colour other isOpen note first { ...Bed } spare { ...Bed } beds { ...Bed }
      rows { width ...Bed } words colours
    }
    fragment Bed on Bed { code width }
"""
TEXTS = [
    "{ room { ...Room } }" + _ROOM,
    "{ hall { room { ...Room } best { ...Room } } rooms { ...Room } }" + _ROOM,
    "{ places { __typename ... on Room { ...Room } ... on Hall { room { ...Room } } } }" + _ROOM,
]


def bed() -> Bed:
    """Make a right one."""
    return Bed(code="b", width=90)


def room() -> Room:
    """Make a right one."""
    return Room(
        id=strawberry.ID("r"),
        number=1,
        area=2.5,
        colour=Colour.RED,
        other=None,
        is_open=True,
        note=None,
        first=bed(),
        spare=bed(),
        beds=[bed(), bed()],
        rows=[[bed(), None], None, []],
        words=["a", None],
        colours=[Colour.BLUE],
    )


def changed(path: tuple[str, ...], change: Callable[[Any, Any], None]) -> Room:
    """Make a room with a change at one of its attributes, or of those below; numbers are places in lists."""
    made: Any = room()
    at = made
    for step in path[:-1]:
        at = at[int(step)] if isinstance(at, list) else getattr(at, step)
    last = path[-1]
    change(at, int(last) if isinstance(at, list) else last)
    return cast("Room", made)


def setting(value: Any) -> Callable[[Any, Any], None]:
    """Change an attribute, or what is at a place in a list, to some value."""

    def change(at: Any, last: Any) -> None:
        if isinstance(at, list):
            at[last] = value
        else:
            setattr(at, last, value)

    return change


def deleting(at: Any, last: Any) -> None:
    """Take an attribute away, or what is at a place in a list."""
    if isinstance(at, list):
        del at[last]
    else:
        delattr(at, last)


def compiled(text: str, **options: Any) -> CompiledOperation:
    """Compile an operation on rooms."""
    return OperationCompiler(SCHEMA, **options).compile(parse(text))
