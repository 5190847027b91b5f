"""Draws argument literals, the variables that stand in them, and the variables' values."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    parse_type,
    type_from_ast,
)

from tests.graphql_schema.equality.names import ALIASES, STRINGS, fresh_name

_SIMPLE: dict[str, tuple[str, ...]] = {
    "Int": ("0", "-7", "2147483647"),
    "Float": ("0.5", "-1e3", "3"),
    "Boolean": ("true", "false"),
    "ID": ('"i"', "7"),
    "Even": ("2", "-4", "0"),
    "Date": ('"2026-01-02"',),
    "Opaque": ("1", '"o"', "{ class: [1, null], def: { a: 2 } }", "[]", "ENUMISH", "[[1.5]]", "true"),
}
_VALUES: dict[str, tuple[Any, ...]] = {
    "Int": (0, -7, 3, 2.0),
    "Float": (0.5, 3, -1e3),
    "Boolean": (True, False),
    "ID": ("i", 7),
    "Even": (2, 0),
    "Date": ("2026-01-02", "2026-13-41"),
    "Opaque": (1, "o", [1], {"class": None}, True),
}
_WRONG: tuple[Any, ...] = (None, "x", 1.5, 2**40, {"a": 1}, [[]], True, float("nan"), 3, b"b", {}, "RED", (1,))


@dataclass(slots=True)
class Literals:
    """Literals for one document; `variables` maps a name to its type and its default, both as text."""

    schema: GraphQLSchema
    dice: random.Random
    variables: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def arguments(self, arguments: dict[str, GraphQLArgument]) -> str:
        """Draw the arguments of a field or a directive, parentheses included; empty when there are none."""
        given = [
            f"{name}: {self.literal(argument.type, has_default=argument.default is not None)}"
            for name, argument in arguments.items()
            if is_required_argument(argument) or self.dice.random() < 0.6
        ]
        self.dice.shuffle(given)
        return f"({', '.join(given)})" if given else ""

    def literal(self, type_: GraphQLInputType, *, has_default: bool = False) -> str:
        """Draw a literal, or a variable in its place, for a position of a type."""
        if self.dice.random() < 0.35:
            return self.variable(type_, has_default=has_default)
        if isinstance(type_, GraphQLNonNull):
            return self._of(type_.of_type, self.literal)
        if self.dice.random() < 0.1:
            return "null"
        return self._of(type_, self.literal)

    def constant(self, type_: GraphQLInputType) -> str:
        """Draw a literal without variables."""
        if isinstance(type_, GraphQLNonNull):
            return self._of(type_.of_type, self.constant)
        if self.dice.random() < 0.15:
            return "null"
        return self._of(type_, self.constant)

    def _of(self, type_: Any, inner: Callable[[GraphQLInputType], str]) -> str:
        dice = self.dice
        if isinstance(type_, GraphQLList):
            if dice.random() < 0.15:
                return self.constant(_required(type_.of_type))  # one item stands for a list of one
            return "[" + ", ".join(inner(type_.of_type) for _ in range(dice.randrange(3))) + "]"
        if isinstance(type_, GraphQLEnumType):
            return dice.choice([str(name) for name in type_.values])
        if isinstance(type_, GraphQLInputObjectType):
            return self._input_object(type_, inner)
        if type_.name == "Opaque" and inner == self.literal and dice.random() < 0.2:
            return f"{{ k: [{self.variable(GraphQLString)}] }}"
        return dice.choice(_SIMPLE.get(type_.name, STRINGS))

    def _input_object(self, type_: GraphQLInputObjectType, inner: Callable[[GraphQLInputType], str]) -> str:
        if type_.is_one_of:
            name, only = self.dice.choice(list(type_.fields.items()))
            return f"{{ {name}: {inner(_required(only.type))} }}"
        given = [f"{name}: {inner(one.type)}" for name, one in type_.fields.items() if self._is_given(one)]
        return "{ " + ", ".join(given) + " }"

    def _is_given(self, one: GraphQLInputField) -> bool:
        return is_required_input_field(one) or self.dice.random() < (
            0.15 if isinstance(get_named_type(one.type), GraphQLInputObjectType) else 0.5
        )

    def variable(self, type_: GraphQLInputType, *, has_default: bool = False) -> str:
        """Draw a variable that may stand at a position of a type."""
        dice, text = self.dice, str(type_)
        same = [name for name, (known, _) in self.variables.items() if known == text]
        if same and dice.random() < 0.5:
            return "$" + dice.choice(same)
        default = None
        if text.endswith("!"):
            if dice.random() < 0.3:
                default = self.constant(type_)
                text = text[:-1] if dice.random() < 0.7 else text
            elif has_default and dice.random() < 0.5:
                text = text[:-1]
        elif dice.random() < 0.2:
            text += "!"
        elif dice.random() < 0.35:
            default = self.constant(type_)
        name = fresh_name(dice, ALIASES, self.variables)
        self.variables[name] = (text, default)
        return "$" + name

    def definitions(self) -> str:
        """Return the definitions of all variables drawn so far, parentheses included."""
        parts = [
            f"${name}: {text}" + (f" = {default}" if default is not None else "")
            for name, (text, default) in self.variables.items()
        ]
        return f"({', '.join(parts)})" if parts else ""


def _required(type_: Any) -> Any:
    return type_ if isinstance(type_, GraphQLNonNull) else GraphQLNonNull(type_)


def draw_variable_values(
    schema: GraphQLSchema, variables: dict[str, tuple[str, str | None]], dice: random.Random, wrong: float
) -> dict[str, Any]:
    """Draw values for variables: right ones, and each with the probability `wrong` one that may be refused."""
    values: dict[str, Any] = {}
    for name, (text, default) in variables.items():
        type_ = type_from_ast(schema, parse_type(text))
        if dice.random() < wrong:
            if dice.random() < 0.8:
                values[name] = dice.choice(_WRONG)
            continue
        if (default is not None or not text.endswith("!")) and dice.random() < 0.3:
            continue
        values[name] = _value(type_, dice, wrong)
    if dice.random() < 0.05:
        values["unknown variable"] = 1
    return values


def _value(type_: Any, dice: random.Random, wrong: float, depth: int = 3) -> Any:
    if dice.random() < wrong / 3:
        return dice.choice(_WRONG)
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, dice, wrong, depth)
    if dice.random() < 0.15 or depth < 0:
        return None
    return _present(type_, dice, wrong, depth)


def _present(type_: Any, dice: random.Random, wrong: float, depth: int) -> Any:
    if isinstance(type_, GraphQLList):
        return [_value(type_.of_type, dice, wrong, depth - 1) for _ in range(dice.randrange(3))]
    if isinstance(type_, GraphQLEnumType):
        return dice.choice(list(type_.values))
    if not isinstance(type_, GraphQLInputObjectType):
        return dice.choice(_VALUES.get(type_.name, ("", "text", "'''\"\\\u2028")))
    if type_.is_one_of:
        name, only = dice.choice(list(type_.fields.items()))
        return {name: _value(_required(only.type), dice, wrong, depth - 1)}
    return {
        name: _value(one.type, dice, wrong, depth - 1)
        for name, one in type_.fields.items()
        if is_required_input_field(one) or (depth > 0 and dice.random() < 0.5)
    }
