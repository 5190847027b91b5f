"""Bailing out: what speculative code may not read, whom it admits, and who takes over."""

from typing import Any, cast

import pytest
import strawberry
from graphql import GraphQLSchema, parse

from graphql_schema.compiled.bailouts import BAILED, Speculation, speculating
from graphql_schema.compiled.operations import Bailout, Fallback, OperationCompiler
from graphql_schema.compiled.program import Program
from tests.graphql_schema.compiled.rooms import SCHEMA, TEXTS, Bed, Hall, Room, changed, compiled, room, setting
from tests.graphql_schema.equality.pairs import awaited, equal


async def test_a_bail_out_is_told_once_and_the_field_is_careful_from_then_on() -> None:
    told: list[Bailout] = []
    text = "query Screen { room { number first { code } } hall { room { number } } }"
    operation = compiled(text, on_bailout=told.append)
    wrong = changed(("number",), setting("text"))
    for _ in range(2):
        result = await awaited(operation.execute(root_value=wrong))
        assert [error.path for error in result.errors or ()] == [["room", "number"], ["hall", "room", "number"]]
    assert told == [Bailout("Screen", "Query.room"), Bailout("Screen", "Query.hall")]
    assert (await awaited(operation.execute(root_value=room()))).errors is None


async def test_only_one_of_the_possible_types_becomes_careful() -> None:
    told: list[Bailout] = []
    operation = compiled(TEXTS[2], on_bailout=told.append)
    for value in (changed(("number",), setting(3.0)), room(), changed(("note",), setting(7))):
        assert (await awaited(operation.execute(root_value=value))).errors is None
    assert told == [Bailout("", "Query.places")]


class OtherBed:
    """No Strawberry type, with the same attributes in slots."""

    __slots__ = ("code", "width")


@pytest.mark.parametrize("cls", [OtherBed, type("Bed", (Bed,), {})])
async def test_other_classes_are_admitted_where_no_type_is_asked_for(cls: Any) -> None:
    told: list[Bailout] = []

    def made() -> Any:
        value = cls.__new__(cls)
        value.code, value.width = "other", 3
        return changed(("first",), setting(value))

    text = "{ room { first { code width } } }"
    await equal(SCHEMA, text, made)
    result = await awaited(compiled(text, on_bailout=told.append).execute(root_value=made()))
    assert result.data == {"room": {"first": {"code": "other", "width": 3}}}
    assert told == []


class RoomToo:
    """No room, though it has what is asked of one."""

    id, number = "r", 1


async def test_an_object_of_no_related_class_is_none_of_a_type_with_an_interface() -> None:
    _, errors, _ = await equal(SCHEMA, "{ room { id number } }", RoomToo)
    assert "Expected value of type 'Room'" in str(errors)


async def test_null_is_no_object_even_if_nothing_is_read() -> None:
    text = "{ room { __typename first { __typename } spare { __typename } } }"
    _, errors, _ = await equal(SCHEMA, text, lambda: changed(("first",), setting(None)))
    assert "Cannot return null for non-nullable field Room.first." in str(errors)
    assert (await equal(SCHEMA, text, lambda: changed(("spare",), setting(None))))[1] is None


def _property(read: list[str]) -> type:
    def code(_self: object) -> str:
        read.append("code")
        return "read"

    return type("Watched", (), {"code": property(code), "width": 1})


async def test_what_is_more_than_an_attribute_is_read_once() -> None:
    read: list[str] = []
    watched: Any = _property(read)()
    result = await awaited(
        compiled("{ room { first { code width } } }").execute(root_value=changed(("first",), setting(watched)))
    )
    assert result.data == {"room": {"first": {"code": "read", "width": 1}}}
    assert read == ["code"]


async def test_a_type_with_a_property_is_careful_from_the_start() -> None:
    read: list[str] = []

    @strawberry.type
    class Counted:
        code: str

    Counted.code = property(lambda _self: read.append("code") or "read")  # type: ignore[assignment,func-returns-value] # as a library might

    @strawberry.type(name="Query")
    class OneQuery:
        @strawberry.field
        def counted(self) -> Counted:
            return object.__new__(Counted)

    schema: GraphQLSchema = strawberry.Schema(OneQuery)._schema
    operation = OperationCompiler(schema).compile(parse("{ counted { code } }"))
    assert "speculate" not in operation.source
    assert (await awaited(operation.execute())).data == {"counted": {"code": "read"}}
    assert read == ["code"]


async def test_an_object_cast_to_another_type_is_not_taken_for_its_own() -> None:
    def made() -> Room:
        return strawberry.cast(Hall, room())

    _, errors, _ = await equal(SCHEMA, "{ room { id } }", made)
    assert "Expected value of type 'Room'" in str(errors)


async def test_many_classes_at_once_are_left_to_careful_code() -> None:
    told: list[Bailout] = []

    def made(classes: int) -> Any:
        beds = [type(f"Bed{number}", (), {"code": "x", "width": number})() for number in range(classes)]
        return changed(("beds",), setting(beds))

    text = "{ room { beds { code width } } }"
    operation = compiled(text, on_bailout=told.append)
    for classes, bailouts in ((6, 0), (6, 0), (12, 1)):
        await equal(SCHEMA, text, lambda classes=classes: made(classes))  # type: ignore[misc] # bound at once
        result = await awaited(operation.execute(root_value=made(classes)))
        assert result.data is not None
        assert len(result.data["room"]["beds"]) == classes
        assert len(told) == bailouts


async def test_a_place_that_bailed_out_is_not_tried_again() -> None:
    operation = compiled("{ room { number } hall { room { number } } }")
    assert isinstance(operation._first, Program)
    (_, begin), *_ = operation._first._parts
    positions = [value for name, value in cast("Any", begin).__globals__.items() if name.startswith("AT_")]
    inline = next(one for one in positions if one.key == "room")
    assert inline.speculative is not None
    await awaited(operation.execute(root_value=changed(("number",), setting(3.0))))
    assert inline.speculative is None


async def test_what_cannot_be_written_carefully_is_left_to_graphql_core_and_told() -> None:
    def fail() -> Any:
        raise RecursionError("too deep")

    told: list[Fallback] = []
    operation = compiled("query Screen { room { number note } }", on_fallback=told.append)
    assert isinstance(operation._first, Program)
    (_, begin), *_ = operation._first._parts
    cast("Any", begin).__globals__["AT_1"].complete = speculating(Speculation(lambda _: BAILED, ()), fail)
    result = await awaited(operation.execute(root_value=changed(("note",), setting(7))))
    assert (result.data, result.errors) == ({"room": {"number": 1, "note": "7"}}, None)
    assert told == [Fallback("Screen", "Query.room", "RecursionError: too deep")]
