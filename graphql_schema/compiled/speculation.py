"""Writes speculative code: for what is nothing but attributes that hold what they should.

Where an object and all that is selected below it are plain attributes, lists of them and leaves that need no function,
completing it has no effect on anybody: no resolver is called, nothing is awaited, and no error can arise unless a value
is wrong. So the code need not know where it stands, whom an error nulls and what was read before it: it tests, and at
the first thing that is not as it should be it bails out (`bailouts`), to let careful code begin anew. That makes it a
third as long as careful code, which is most of what compiling costs.

Objects that cannot be null are tested together with the object around them, in one condition, and built in one
expression; what can be null, and lists, are built before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, is_leaf_type
from graphql.execution.collect_fields import FieldDetails
from graphql.type.introspection import TypeNameMetaFieldDef
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.compiled.bailouts import Admission, Speculation
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.leaves import NotSpeculative, speculative_leaf
from graphql_schema.compiled.positions import Position, nullable
from graphql_schema.compiled.selections import Selections
from graphql_schema.compiled.strawberry_fields import attribute_of, is_getter
from graphql_schema.compiled.strawberry_types import CAST_ATTRIBUTE, classes_of
from graphql_schema.compiled.writer import Writer, is_attribute, literal

_MOST_LEVELS, _MOST_LOOPS = 40, 8
"""Python allows 100 levels of indentation, and 20 loops within each other."""

_CAST = literal(CAST_ATTRIBUTE)


@dataclass(slots=True)
class _Block:
    """What stands before an expression, at one level: first a condition on which to bail out, then lines."""

    level: int = 0
    loops: int = 0
    conditions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def write(self, text: str, level: int = 0) -> None:
        self.lines.append("    " * (self.level + level) + text)

    def inner(self, levels: int, loops: int = 0) -> _Block:
        block = _Block(self.level + levels, self.loops + loops)
        if block.level > _MOST_LEVELS or block.loops > _MOST_LOOPS:
            raise NotSpeculative
        return block

    def add(self, inner: _Block) -> None:
        """Add an inner block, but for its expression."""
        self.lines += inner.finished()

    def finished(self) -> list[str]:
        if not self.conditions:
            return self.lines
        test = f"{'    ' * self.level}if {' or '.join(self.conditions)}: return BAILED"
        return [test, *self.lines]


class SpeculativeWriter:
    """Writes the speculative functions of one operation, for one set of included fields."""

    def __init__(self, environment: Environment, selections: Selections, writer: Writer) -> None:
        """Write by a writer."""
        self._engine = environment.engine
        self._selections = selections
        self._writer = writer
        self._depth = 0
        self._admissions: list[Admission] = []
        self._refused: set[tuple[str, tuple[int, ...]]] = set()

    def write(self, at: Position, type_: Any) -> Speculation | None:
        """Write a function for the values of a position, as of some type; None where there is more than attributes.

        Raises:
            NotCompilable: The answer is too deep or too wide.
        """
        count = self._selections.count
        self._admissions = []
        try:
            with self._writer.function("v", f"speculate_{at.key}") as written:
                self._write_body(at, type_)
        except NotSpeculative:
            self._selections.count = count
            return None
        return Speculation(written.function, self._admissions)

    def _write_body(self, at: Position, type_: Any) -> None:
        writer = self._writer
        block, self._depth = _Block(), at.depth
        text = self._value(block, nullable(type_), at.fields, "v", "v")
        if not isinstance(type_, GraphQLNonNull):
            writer.line("if v is None: return None")
        for line in block.finished():
            writer.line(line)
        writer.line(f"return {text}")

    def _value(self, block: _Block, type_: Any, details: list[FieldDetails], variable: str, read: str) -> str:
        """Let a block test and prepare a value that is not null, and return the expression of what it becomes.

        Args:
            block: Where the value stands.
            type_: Its type.
            details: The fields it is selected by.
            variable: Holds it.
            read: The same, or the assignment that reads the value into the variable, to be used once and first.
        """
        if isinstance(type_, GraphQLList):
            return self._list(block, type_.of_type, details, variable, read)
        if isinstance(type_, GraphQLObjectType):
            return self._object(block, type_, details, variable, read)
        raise NotSpeculative

    def _list(self, block: _Block, type_: Any, details: list[FieldDetails], variable: str, read: str) -> str:
        writer = self._writer
        done, item = writer.name("done"), writer.name("item")
        block.conditions.append(f"type({read}) not in LISTS")
        inner = nullable(type_)
        is_conditional = not isinstance(type_, GraphQLNonNull) and not is_leaf_type(inner)
        below = block.inner(2 if is_conditional else 1, loops=1)
        if is_leaf_type(inner):
            condition, text = speculative_leaf(writer, type_, item, item, self._engine.left_to_encoder)
            if condition:
                below.conditions.append(condition)
        else:
            self._depth += 1
            text = self._value(below, inner, details, item, item)
            self._depth -= 1
        block.write(f"{done} = []")
        block.write(f"for {item} in {variable}:")
        if is_conditional:
            block.write(f"if {item} is not None:", 1)
            below.write(f"{item} = {text}")
            text = item
        block.add(below)
        block.write(f"{done}.append({text})", 1)
        return done

    def _object(
        self, block: _Block, type_: GraphQLObjectType, details: list[FieldDetails], variable: str, read: str
    ) -> str:
        key = type_.name, tuple(id(one.node) for one in details)
        if key in self._refused:
            raise NotSpeculative
        try:
            return self._fields(block, type_, details, variable, read)
        except NotSpeculative:
            self._refused.add(key)
            raise

    def _fields(
        self, block: _Block, type_: GraphQLObjectType, details: list[FieldDetails], variable: str, read: str
    ) -> str:
        selected = self._attributes(type_, details)
        kin = classes_of(type_) if type_.is_type_of else ()
        definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if kin is None or definition is None:
            raise NotSpeculative
        names = [name for _, _, _, name in selected if name]
        admission = Admission([*names, CAST_ATTRIBUTE] if kin else names, kin)
        if not admission.admits(definition.origin):
            raise NotSpeculative
        self._admissions.append(admission)
        block.conditions.append(f"{self._writer.constant('KNOWN', admission.known)}[type({read})]")
        if kin:
            block.conditions.append(f"getattr({variable}, {_CAST}, None) is not None")
        self._depth += 1
        parts = []
        for key, nodes, field_type, name in selected:
            if not name:
                text = self._writer.constant("TYPENAME", type_.name)
            else:
                text = self._attribute(block, field_type, nodes, self._writer.name(key), f"{variable}.{name}")
            parts.append(f"{literal(key)}: {text}")
        self._depth -= 1
        return "{" + ", ".join(parts) + "}"

    def _attributes(
        self, type_: GraphQLObjectType, details: list[FieldDetails]
    ) -> list[tuple[str, list[FieldDetails], Any, str]]:
        """Return what is selected of an object: key, fields, their type, the attribute; "" for `__typename`.

        Raises:
            NotSpeculative: A field is no plain attribute.
        """
        selected = self._selections.below(details, type_)
        if selected is None:
            raise NotSpeculative
        found = []
        for key, nodes in selected.items():
            field = self._engine.schema.get_field(type_, nodes[0].node.name.value)
            if not field:
                continue
            self._selections.note(self._depth)
            if field is TypeNameMetaFieldDef:
                found.append((key, nodes, field.type, ""))
                continue
            attribute = attribute_of(field)
            if attribute is None or not is_getter(attribute[0]) or not is_attribute(attribute[1]):
                raise NotSpeculative
            found.append((key, nodes, field.type, attribute[1]))
        return found

    def _attribute(self, block: _Block, type_: Any, details: list[FieldDetails], variable: str, read: str) -> str:
        inner = nullable(type_)
        if is_leaf_type(inner):
            condition, text = speculative_leaf(self._writer, type_, variable, read, self._engine.left_to_encoder)
            if condition:
                block.conditions.append(condition)
            return text
        if isinstance(type_, GraphQLNonNull):
            return self._value(block, inner, details, variable, f"{variable} := {read}")
        below = block.inner(1)
        below.write(f"{variable} = {self._value(below, inner, details, variable, variable)}")
        block.write(f"if ({variable} := {read}) is not None:")
        block.add(below)
        return variable
