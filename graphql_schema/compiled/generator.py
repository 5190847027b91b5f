"""Writes the Python functions of one operation.

The code has the structure of the answer. An object is completed in a straight line: its fields are read, each value
is tested for the exact type that needs no more work, and a dictionary is built. Objects and lists below it stand in
the same function, until a resolver, a type known only at run time or too many nested blocks call for a function of
their own.

Names in the code: `r` the run, `v` the value a function completes, `q` the trail it stands at, `w` both and the lists
under way, `late` the run's stack of awaitables. Most of the time of Python's compiler is spent on reading, so what is
seldom run is short: one call, with as few words as tell the place. A field that is null-able takes the errors of
everything below it; one that is not lets them pass, for they are located where they arise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, is_abstract_type
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from graphql_schema.compiled.abstracts import abstract, complete_items
from graphql_schema.compiled.accesses import Field, find_access
from graphql_schema.compiled.completion import complete_leaf, ordinary
from graphql_schema.compiled.coverage import propagates_errors
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.leaves import is_tested_leaf, write_leaf, write_leaves
from graphql_schema.compiled.positions import Complete, Position, nullable
from graphql_schema.compiled.selections import Place, Selections
from graphql_schema.compiled.strawberry_types import classes_of, plain_object_test
from graphql_schema.compiled.writer import Writer, literal

_MOST_BLOCKS = 12
"""Python allows 20 nested blocks; a list of objects takes four."""


class Generator:
    """Writes one operation for one set of included fields, with careful code; `SpeculativeGenerator` adds the other."""

    def __init__(self, environment: Environment, values: VariableValues, known: Mapping[str, Any]) -> None:
        """`values` decide what `@skip` and `@include` leave; `known` is what the functions may name."""
        self.writer = Writer(known)
        self.selections = Selections(environment, values)
        self._environment = environment
        self._schema = environment.engine.schema
        self._propagates = propagates_errors(environment.operation)

    def write_root(self, type_: GraphQLObjectType, fields: dict[str, list[FieldDetails]], name: str) -> Any:
        """Write a function that completes some fields of the root together, and return it."""
        with self.writer.function("r, v, q", name) as written:
            self._begin()
            self._finish(self._fields(Place(), type_, fields, "v"), "0")
        return written.function

    def _begin(self) -> None:
        """Write what nearly every function begins with."""
        self.writer.line("late = r.late; w = r, q")

    def _finish(self, text: str, depth: str) -> None:
        self.writer.line(f"v = {text}")
        self.writer.line(f"return gather_late(r, {depth}, v) if late else v")

    # fields

    def _fields(
        self, place: Place, type_: GraphQLObjectType, fields: dict[str, list[FieldDetails]], source: str
    ) -> str:
        """Write the fields of an object and return the expression that puts them together."""
        parts: list[str] = []
        group: list[Field] = []
        getter = ""
        for key, details in fields.items():
            at = self.selections.position(place, type_, key, details)
            if at is None:
                continue
            access = find_access(self.writer, self._environment, at)
            if access.is_constant:
                parts.append(f"{literal(key)}: {access.expression('', '', '')}")
                continue
            if access.is_default and not getter:
                getter = self.writer.name("get")
                self.writer.line(f"{getter} = {source}.get if type({source}) is dict else getter({source})")
            field = Field(at, access, self.writer.name(key))
            parts.append(f"{literal(key)}: {field.variable}")
            if not access.is_read:
                self._read_group(place, group, source)
                group = []
                self._resolve(place, field, source, getter)
                continue
            group.append(field)
            if at.leaf is None:
                self._read_group(place, group, source)
                group = []
        self._read_group(place, group, source)
        return "{" + ", ".join(parts) + "}"

    def _read_group(self, place: Place, group: list[Field], source: str) -> None:
        """Write the reading of neighbouring attributes, then their completion."""
        if not group:
            return
        writer = self.writer
        if len(group) == 1:
            field = group[0]
            with writer.block("try:"):
                writer.line(f"{field.variable} = {field.access.expression(source, '', '')}")
            writer.line(f"except Exception: {field.variable} = unread()")
        else:
            names = ", ".join(field.variable for field in group)
            fields = writer.constant("GROUP", tuple((field.variable, field.at) for field in group))
            writer.line(f"{names.replace(', ', ' = ')} = UNREAD")
            with writer.block("try:"):
                for field in group:
                    writer.line(f"{field.variable} = {field.access.expression(source, '', '')}")
            writer.line(f"except Exception: {names} = read_on({source}, {fields}, locals())")
        left = self._environment.engine.left_to_encoder
        for is_tested, neighbours in groupby(group, lambda field: is_tested_leaf(field.at)):
            if is_tested:
                write_leaves(writer, [(field.at, field.variable) for field in neighbours], place.where, left)
                continue
            for field in neighbours:
                self._complete(place, field.at, field.variable, None)

    def _resolve(self, place: Place, field: Field, source: str, getter: str) -> None:
        """Write the call of a resolver and the completion of what it gives."""
        writer, at, variable = self.writer, field.at, field.variable
        speculates = at.leaf is None and not field.access.is_async and self.speculates_here(place, at)
        function = self._function(at) if at.leaf is None and not speculates else None
        position = writer.constant("AT", at)
        trail = writer.name("trail")
        expression = field.access.expression(source, getter, trail)
        with writer.block("try:"):
            if field.access.is_async or function or trail in expression:
                writer.line(f"{trail} = {place.trail(at)}")
            if field.access.is_async:
                writer.line(f"{variable} = later(r, {position}, {expression}, {trail})")
            else:
                writer.line(f"{variable} = {expression}")
        if field.access.is_async:
            writer.line(f"except Exception: {variable} = failed({position}, {place.where})")
            return
        writer.line(f"except Exception: {variable} = unread()")
        self._complete(place, at, variable, (function, trail) if function else None)

    # values

    def _complete(self, place: Place, at: Position, variable: str, function: tuple[str, str] | None) -> None:
        """Write the completion of the value in a variable, by a function where there is one."""
        if at.leaf is not None:
            write_leaf(self.writer, at, variable, place.where, self._environment.engine.left_to_encoder)
            return
        if function is None and (at.speculative is not None or self.speculates_here(place, at)):
            self.writer.line(f"{variable} = speculate({self.writer.constant('AT', at)}, {variable}, {place.where})")
            return
        type_ = nullable(at.type)
        if function is None and (
            place.blocks >= _MOST_BLOCKS
            or is_abstract_type(type_)
            or (isinstance(type_, GraphQLObjectType) and type_.is_type_of and classes_of(type_) is None)
        ):
            function = (self._function(at), place.trail(at))
        is_nullable = not isinstance(at.type, GraphQLNonNull)
        if not is_nullable:
            self._value(place, at, variable, function)
            return
        inner = replace(place, blocks=place.blocks + 1)
        with self.writer.block(f"if {variable} is not None:"):
            self._value(inner, at, variable, function)

    @contextmanager
    def _taking_errors(self, place: Place, at: Position, variable: str) -> Iterator[None]:
        """Write a block whose errors null the position, where it may be null."""
        if isinstance(at.type, GraphQLNonNull) and self._propagates:
            yield
            return
        position = self.writer.constant("AT", at)
        with self.writer.block("try:"):
            yield
        self.writer.line(f"except Exception: {variable} = failed({position}, {place.where})")

    def _value(self, place: Place, at: Position, variable: str, function: tuple[str, str] | None) -> None:
        type_ = nullable(at.type)
        if function is not None:
            self._by_function(place, at, variable, *function)
        elif isinstance(type_, GraphQLList):
            self._list(place, at, variable)
        else:
            self._object(place, at, type_, variable)

    def _by_function(self, place: Place, at: Position, variable: str, function: str, trail: str) -> None:
        writer = self.writer
        position = writer.constant("AT", at)
        with writer.block(f"if type({variable}) in PLAIN or is_plain({variable}):"):
            with writer.block("try:"):
                writer.line(f"{variable} = {function}(r, {position}, {variable}, {trail})")
                writer.line(
                    f"if type({variable}) is CoroutineType: {variable} = hold(r, {position}, {variable}, {trail})"
                )
            writer.line(f"except Exception: {variable} = failed({position}, {place.where})")
        writer.line(f"else: {variable} = cold({position}, {variable}, {place.where})")

    def _object(self, place: Place, at: Position, type_: GraphQLObjectType, variable: str) -> None:
        writer = self.writer
        position = writer.constant("AT", at)
        below = replace(place, steps=at.steps, depth=at.depth)
        with (
            writer.block(f"if {plain_object_test(writer, type_, variable)}:"),
            self._taking_errors(place, at, variable),
        ):
            text = self._selected(below, at, type_, variable)
            writer.line(f"{variable} = {text}")
            writer.line(f"if late: {variable} = hold_late({position}, {variable}, {place.where})")
        writer.line(f"else: {variable} = cold({position}, {variable}, {place.where})")

    def _list(self, place: Place, at: Position, variable: str) -> None:
        writer = self.writer
        position = writer.constant("AT", at)
        if is_abstract_type(nullable(nullable(at.type).of_type)):
            at.complete = self.completion(at)
            writer.line(f"{variable} = listed({position}, {variable}, {place.where})")
            return
        done = writer.name("done")
        test = f"if type({variable}) is list or type({variable}) is tuple:"
        with writer.block(test), self._taking_errors(place, at, variable):
            self._items(replace(place, blocks=place.blocks + 1), at, variable, done)
            writer.line(f"{variable} = {done}")
            writer.line(f"if late: {variable} = hold_late({position}, {variable}, {place.where})")
        writer.line(f"else: {variable} = cold({position}, {variable}, {place.where})")

    def _items(self, place: Place, at: Position, variable: str, done: str) -> None:
        """Write the loop over a list; `done` holds what is completed, and so the index."""
        writer = self.writer
        item_at = at.item()
        item_at.complete = ordinary if item_at.leaf is None else complete_leaf
        item = writer.name("item")
        lists, where = (*place.lists, done), writer.name("w")
        below = replace(place, lists=lists, blocks=place.blocks + 2, where=where)
        writer.line(f"{done} = []")
        writer.line(f"{where} = r, q, {', '.join(lists)}")
        with writer.block("try:"), writer.block(f"for {item} in {variable}:"):
            self._complete(below, item_at, item, None)
            writer.line(f"{done}.append({item})")
        with writer.block("except Exception:"):
            writer.line(f"drain(r, {writer.constant('AT', at)}, {variable}, {done})")
            writer.line("raise")

    def _selected(self, place: Place, at: Position, type_: GraphQLObjectType, source: str) -> str:
        """Write the selected fields of an object and return the expression that puts them together."""
        fields = self.selections.below(at.fields, type_)
        if fields is None:  # graphql-core finds what is wrong for each object anew
            at_name, type_name = self.writer.constant("AT", at), self.writer.constant("TYPE", type_)
            return f"collect_again(r, {at_name}, {type_name}, {place.trail(at) if place.steps else 'q'})"
        return self._fields(place, type_, fields, source)

    # functions

    def speculates_here(self, place: Place, at: Position) -> bool:
        """Write a speculative function for the values of a position where it stands; tell whether there is one."""
        del place, at
        return False

    def _function(self, at: Position) -> str:
        """Write a function that completes the values of a position, and return its name where one is writing."""
        type_ = nullable(at.type)
        if is_abstract_type(type_):
            for possible in self._schema.get_possible_types(type_):
                at.bodies[possible.name] = self.possible_body(at, possible)
            at.complete = abstract
            return "abstract"
        at.complete = self.completion(at)
        return self.writer.constant("COMPLETE", at.complete)

    def possible_body(self, at: Position, type_: GraphQLObjectType) -> Complete:
        """Write a function that completes the objects of one of the types that are possible at a position."""
        return self._checked_body(at, type_)

    def completion(self, at: Position) -> Complete:
        """Write a function that completes the values of a position, which are of no abstract type."""
        writer = self.writer
        type_ = nullable(at.type)
        if isinstance(type_, GraphQLObjectType):
            body = self._checked_body(at, type_)
            return self._plain_only(at, body) if type_.is_type_of and classes_of(type_) is None else body
        if is_abstract_type(nullable(type_.of_type)):
            at.items = at.rooted().item()
            self._function(at.items)
            return complete_items
        with writer.function("r, at, v, q", f"complete_{at.key}") as written:
            writer.line("if type(v) is not list and type(v) is not tuple: return ordinary(r, at, v, q)")
            self._begin()
            self._items(Place(depth=at.depth), at.rooted(), "v", "done")
            self._finish("done", "at.depth")
        return written.function

    def _plain_only(self, at: Position, body: Complete) -> Complete:
        """Write a function that completes plain values by another one, and any other by graphql-core."""
        writer = self.writer
        with writer.function("r, at, v, q", f"complete_{at.key}") as written:
            writer.line("if type(v) not in PLAIN and not is_plain(v): return ordinary(r, at, v, q)")
            writer.line(f"return {writer.constant('BODY', body)}(r, at, v, q)")
        return written.function

    def _checked_body(self, at: Position, type_: GraphQLObjectType) -> Complete:
        """Write a function that completes the objects of one type at a position, and asks `is_type_of` if need be."""
        writer = self.writer
        asks = bool(type_.is_type_of) and classes_of(type_) is None
        with writer.function("r, at, v, q", f"complete_{at.key}_{type_.name}") as body:
            if not asks:
                type_name = writer.constant("TYPE", type_)
                writer.line(
                    f"if not ({plain_object_test(writer, type_, 'v')}): return other_object(r, at, {type_name}, v, q)"
                )
            self._begin()
            self._finish(self._selected(Place(depth=at.depth), at, type_, "v"), "at.depth")
        if not asks:
            return body.function
        with writer.function("r, at, v, q", f"enter_{at.key}_{type_.name}") as outer:
            of_type, inner = writer.constant("TYPE", type_), writer.constant("BODY", body.function)
            writer.line(f"return enter(r, at, {of_type}, {inner}, v, q)")
        return outer.function
