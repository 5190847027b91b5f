"""How the value of a field is come by: read as an attribute, called for, or known beforehand."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql.execution.executor import default_field_resolver
from graphql.pyutils import Undefined
from graphql.type.introspection import TypeNameMetaFieldDef

from graphql_schema.compiled import strawberry_fields
from graphql_schema.compiled.arguments import argument_maker, keyword_maker, may_be_refused, plain_arguments
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.positions import Position
from graphql_schema.compiled.strawberry_inputs import Convert, convert_later
from graphql_schema.compiled.writer import Writer, is_attribute, literal


@dataclass(frozen=True, slots=True)
class Access:
    """An expression for the value of a field; `{source}`, `{get}` and `{trail}` are not yet filled in.

    `is_read` tells a plain reading, which calls no resolver and so may be done together with its neighbours'.
    """

    expression: Callable[[str, str, str], str]
    is_constant: bool = False
    is_read: bool = False
    is_default: bool = False
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field in code: its position, how it is come by, and the variable that holds its value."""

    at: Position
    access: Access
    variable: str


def find_access(writer: Writer, environment: Environment, at: Position) -> Access:
    """Find out how a field is come by; notes at the position how to read it again and what its arguments are."""
    if at.field is TypeNameMetaFieldDef:
        name = literal(at.parent.name)
        return Access(lambda _source, _get, _trail: name, is_constant=True)
    schema = environment.engine.schema
    attribute = strawberry_fields.attribute_of(at.field)
    if attribute is not None:
        return _read_attribute(writer, at, *attribute)
    if strawberry_fields.is_event(at) and not may_be_refused(at):
        return Access(lambda source, _get, _trail: source)
    wanted = strawberry_fields.user_function(schema, at)
    if wanted is not None:
        return _call_user(writer, environment, at, wanted)
    resolve = at.field.resolve or environment.engine.field_resolver
    at.arguments = argument_maker(at)
    if resolve is default_field_resolver and not may_be_refused(at):
        at.is_method = True
        name = literal(at.name)
        return Access(lambda _source, get, _trail: f"{get}({name})", is_default=True)
    return _call_resolver(writer, environment, at, resolve)


def getter(source: Any) -> Callable[[str], Any]:
    """Return how graphql-core's default resolver reads a source."""
    if isinstance(source, Mapping):
        return lambda name: source.get(name)  # noqa: PLW0108 # `get` is looked up for each name, as graphql-core does
    return lambda name: getattr(source, name, None)


def _read_attribute(writer: Writer, at: Position, reader: Callable[[Any, str], Any], name: str) -> Access:
    at.read = lambda source: reader(source, name)
    text = literal(name)
    if strawberry_fields.is_getter(reader):
        if is_attribute(name):
            return Access(lambda source, _get, _trail: f"{source}.{name}", is_read=True)
        return Access(lambda source, _get, _trail: f"getattr({source}, {text})", is_read=True)
    if strawberry_fields.is_item_getter(reader):
        at.read = operator.itemgetter(name)
        return Access(lambda source, _get, _trail: f"{source}[{text}]", is_read=True)
    constant = writer.constant("READ", reader)
    return Access(lambda source, _get, _trail: f"{constant}({source}, {text})")


def _call_resolver(writer: Writer, environment: Environment, at: Position, resolve: Any) -> Access:
    function = writer.constant(f"RESOLVE_{at.name}", resolve)
    position = writer.constant("AT", at)
    rest = f", **{writer.constant('ARGUMENTS', at.arguments)}(r)" if at.arguments is not None else ""
    is_async = environment.engine.awaits and inspect.iscoroutinefunction(resolve)
    return Access(
        lambda source, _get, trail: f"{function}({source}, r.info({position}, {trail}){rest})", is_async=is_async
    )


def _call_user(
    writer: Writer, environment: Environment, at: Position, wanted: strawberry_fields.UserFunction
) -> Access:
    called, converters = wanted.function, wanted.converters
    if wanted.is_async and converters:
        called = convert_later(called, {wanted.keywords[name]: convert for name, convert in converters.items()})
        converters = {}
    function = writer.constant(f"CALL_{at.name}", called)
    position = writer.constant("AT", at)
    keywords = _keywords(writer, environment, at, wanted.keywords, converters)
    definition = writer.constant("WANTED", wanted)

    def expression(source: str, _get: str, trail: str) -> str:
        parts = [source] if wanted.takes_self else []
        parts += keywords
        parts += [f"{name}={source}" for name in wanted.source_names]
        if wanted.info_name is not None:
            parts.append(f"{wanted.info_name}=make_info(r, {position}, {trail}, {definition})")
        return f"{function}({', '.join(parts)})"

    return Access(expression, is_async=environment.engine.awaits and wanted.is_async)


def _keywords(
    writer: Writer, environment: Environment, at: Position, names: dict[str, str], converters: dict[str, Convert]
) -> list[str]:
    """Return the texts of the arguments, each by itself where that is sure, else of one look-up for all."""
    if not at.field.args:
        return []
    plain = plain_arguments(at)
    variables = environment.variables
    texts = []
    for argument in plain or ():
        if argument.variable is None and (argument.value is Undefined or argument.value is None):
            text = "" if argument.value is Undefined else "None"
        elif argument.variable is None and argument.name not in converters:
            text = writer.constant("VALUE", argument.value)
        elif argument.variable in (variables.solid if argument.is_strict else variables.sure):
            text = f"r.variables[{literal(argument.variable)}]"
            if argument.name in converters:
                text = f"{writer.constant(f'CONVERT_{argument.name}', converters[argument.name])}({text})"
        else:
            plain = None
            break
        if text:
            texts.append(f"{names[argument.name]}={text}")
    if plain is None or not all(is_attribute(name) for name in names.values()):
        return [f"**{writer.constant('ARGUMENTS', keyword_maker(at, names, converters))}(r)"]
    return texts
