"""Draws documents that are valid for a schema."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoUnusedFragmentsRule, NoUnusedVariablesRule

from tests.graphql_schema.equality.literals import Literals
from tests.graphql_schema.equality.names import ALIASES, STRINGS, fresh_name

# What is not used harms nobody; a document reduced to its core need not stay tidy.
_RULES = [rule for rule in specified_rules if rule not in {NoUnusedFragmentsRule, NoUnusedVariablesRule}]
_INTROSPECTION = (
    "{key}__schema {{ queryType {{ name }} types {{ kind name enumValues {{ name }} }} directives {{ name }} }}",
    "{key}__type(name: {name}) {{ name kind inputFields {{ name }} possibleTypes {{ name }} }}",
    "{key}__type(name: {name}) {{ fields(includeDeprecated: true) {{ name args {{ name defaultValue }} }} }}",
)
Variables = dict[str, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A valid document, the operation to execute, and the variables it defines: name to type and default."""

    text: str
    document: DocumentNode
    operation_name: str | None
    variables: Variables


def mistakes(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Return why a document is not valid; unused definitions are no mistake here."""
    return validate(schema, document, _RULES, max_errors=1)


def draw_document(schema: GraphQLSchema, dice: random.Random, *, breadth: int, depth: int) -> Drawn:
    """Draw a valid document; a schema for which none comes in 30 attempts would be a mistake of ours."""
    for _ in range(30):
        draft = _Draft(schema, dice, breadth)
        text, operation_name = draft.document(depth)
        document = parse(text)
        if not mistakes(schema, document):
            return Drawn(text, document, operation_name, draft.literals.variables)
    raise AssertionError(f"no valid document was drawn; the last one was:\n{text}")


@dataclass(slots=True)
class _Draft:
    schema: GraphQLSchema
    dice: random.Random
    breadth: int
    literals: Literals = field(init=False)
    keys: dict[str, str] = field(default_factory=dict)  # response key -> what stands there, so that equal keys merge
    fragments: dict[str, tuple[Any, str]] = field(default_factory=dict)  # name -> its type, its text
    left: int = 80  # a bound on the fields of one document

    def __post_init__(self) -> None:
        self.literals = Literals(self.schema, self.dice)

    def document(self, depth: int) -> tuple[str, str | None]:
        """Draw the text and the name of the operation to execute."""
        dice = self.dice
        count = 1 if dice.random() < 0.9 else 2
        names: list[str] = []
        bodies: list[str] = []
        for _ in range(count):
            kind = dice.choices(["query", "mutation", "subscription"], [5, 2, 2])[0]
            name = fresh_name(dice, ALIASES, names) if count > 1 or dice.random() < 0.5 else ""
            names.append(name)
            body = self._root(kind, depth)
            bodies.append(f"{kind} {name}%s{self._propagation()} {body}")
        definitions = self.literals.definitions()
        fragments = [f"fragment {name} on {type_.name} {text}" for name, (type_, text) in self.fragments.items()]
        parts = [*(body.replace("%s", definitions, 1) for body in bodies), *fragments]
        dice.shuffle(parts)
        return "\n".join(parts), (dice.choice(names) or None) if names[0] else None

    def _propagation(self) -> str:
        name = "experimental_disableErrorPropagation"
        return f" @{name}" if self.schema.get_directive(name) and self.dice.random() < 0.5 else ""

    def _root(self, kind: str, depth: int) -> str:
        if kind != "subscription":
            root = self.schema.query_type if kind == "query" else self.schema.mutation_type
            return self._selection(root, depth)
        root = self.schema.subscription_type
        assert root is not None
        name, definition = self.dice.choice(list(root.fields.items()))
        text = self._field(root, name, definition, depth, bare=True)
        return self.dice.choice(["{ %s }", "{ ... on Subscription { %s } }", "{ ... { %s } }"]).replace("%s", text)

    def _selection(self, type_: Any, depth: int) -> str:
        items = [self._item(type_, depth) for _ in range(self.dice.randint((self.breadth + 1) // 2, self.breadth))]
        if self.dice.random() < 0.2:
            items.append(self.dice.choice(items))  # again, to be merged
        return "{ " + " ".join(items) + " }"

    def _item(self, type_: Any, depth: int) -> str:
        dice = self.dice
        fields = getattr(type_, "fields", {})
        chance = dice.random()
        if not fields or chance < 0.06:
            if not fields and depth > 0 and chance < 0.7:
                return self._fragment(type_, depth)
            return self._keyed("__typename", "String!") + self._directives()
        if type_ is self.schema.query_type and chance < 0.12:
            return self._introspection()
        if depth > 0 and self.left > 0 and chance < 0.3:
            return self._fragment(type_, depth)
        name, definition = dice.choice(list(fields.items()))
        return self._field(type_, name, definition, depth)

    def _field(self, type_: Any, name: str, definition: GraphQLField, depth: int, *, bare: bool = False) -> str:
        named = get_named_type(definition.type)
        composite = is_composite_type(named)
        if composite and (depth <= 0 or self.left <= 0) and not bare:
            return self._keyed("__typename", "String!")
        self.left -= 1
        call = name + self.literals.arguments(definition.args)
        text = self._keyed(call, str(definition.type)) + self._note() + ("" if bare else self._directives())
        return f"{text} {self._selection(named, depth - 1)}" if composite else text

    def _keyed(self, call: str, type_text: str) -> str:
        """Give a field a response key under which everything merges: an alias, or its own name."""
        name = call.split("(", 1)[0]
        alias = self.dice.choice(ALIASES) if self.dice.random() < 0.3 else name
        what = f"{call}: {type_text}"
        number = 0
        while self.keys.setdefault(alias, what) != what:
            number += 1
            alias = f"{name}{number}"
        return call if alias == name else f"{alias}: {call}"

    def _directives(self) -> str:
        dice, parts = self.dice, []
        if dice.random() < 0.12:
            boolean: Callable[[], str] = lambda: self.literals.variable(GraphQLNonNull(GraphQLBoolean))  # noqa: E731
            for name in dice.sample(["skip", "include"], dice.choice([1, 1, 2])):
                value = boolean() if dice.random() < 0.6 else dice.choice(["true", "false"])
                parts.append(f"@{name}(if: {value})")
        return "".join(f" {part}" for part in parts)

    def _note(self) -> str:
        if self.schema.get_directive("note") is None or self.dice.random() > 0.05:
            return ""
        return f" @note(text: {self.dice.choice(STRINGS)})"

    def _fragment(self, type_: Any, depth: int) -> str:
        dice = self.dice
        condition = self._condition(type_)
        if dice.random() < 0.4:
            known = [name for name, (on, _) in self.fragments.items() if self._overlap(on, type_)]
            if known and dice.random() < 0.5:
                return f"...{dice.choice(known)}{self._directives()}"
            body = self._selection(condition, depth - 1)
            name = fresh_name(dice, ALIASES, {*self.fragments, "on"})
            self.fragments[name] = (condition, body)
            return f"...{name}{self._directives()}"
        on = f" on {condition.name}" if condition is not type_ or dice.random() < 0.5 else ""
        return f"...{on}{self._directives()} {self._selection(condition, depth - 1)}"

    def _condition(self, type_: Any) -> Any:
        if type_ in {self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type}:
            return type_
        others = [
            other
            for other in self.schema.type_map.values()
            if is_composite_type(other) and not other.name.startswith("__") and self._overlap(other, type_)
        ]
        return self.dice.choice([type_, *others])

    def _overlap(self, one: Any, other: Any) -> bool:
        return not self._possible(one).isdisjoint(self._possible(other))

    def _possible(self, type_: Any) -> set[str]:
        if is_abstract_type(type_):
            return {possible.name for possible in self.schema.get_possible_types(type_)}
        return {type_.name} if isinstance(type_, GraphQLObjectType) else set()

    def _introspection(self) -> str:
        text = self.dice.choice(_INTROSPECTION)
        self.left -= 1
        names = [name for name in self.schema.type_map if not name.startswith("__")]
        name = f'"{self.dice.choice([*names, "Nowhere", "__Type"])}"'
        number = sum(key.startswith("intro") for key in self.keys)
        self.keys[f"intro{number}"] = text
        return text.format(key=f"intro{number}: ", name=name)
