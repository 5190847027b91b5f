"""Draws schema definitions: every kind of type, named so that generated source has a hard time."""

import random
from dataclasses import dataclass, field

from tests.graphql_schema.equality.names import ENUM_VALUES, FIELDS, STRINGS, TYPES, fresh_name
from tests.graphql_schema.equality.plans import dice_of

BUILT_IN = ("Int", "Float", "String", "Boolean", "ID")
SCALARS = ("Even", "Opaque")
_DISABLED_PROPAGATION = "directive @experimental_disableErrorPropagation on QUERY | MUTATION | SUBSCRIPTION"


@dataclass(slots=True)
class _Draft:
    """Names known so far, and the text of the definitions."""

    dice: random.Random
    enums: dict[str, list[str]] = field(default_factory=dict)
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    one_of: list[str] = field(default_factory=list)  # kept out of defaults: a constant would need exactly one field
    interfaces: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)
    unions: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {"Query", "Mutation", "Subscription", *BUILT_IN, *SCALARS})
    lines: list[str] = field(default_factory=list)

    def name(self) -> str:
        """Draw the name of a type."""
        name = fresh_name(self.dice, TYPES, self.taken)
        self.taken.add(name)
        return name


def draw_schema_text(seed: int, types: int) -> str:
    """Draw a schema's text.

    Args:
        seed: The same seed and size give the same text.
        types: How many object types there are besides the roots, at least 1.

    Returns:
        A valid schema definition; scalars `Even` and `Opaque` are to be given their meaning by the sandbox.
    """
    draft = _Draft(dice_of(seed))
    dice = draft.dice
    draft.objects = [draft.name() for _ in range(types)]
    draft.unions = [draft.name() for _ in range(dice.randrange(3))]
    for _ in range(dice.randrange(1, 3)):
        _draw_enum(draft)
    for _ in range(dice.randrange(1, 3)):
        _draw_input(draft)
    names = [draft.name() for _ in range(dice.randrange(3))]
    for name in names:
        _draw_interface(draft, name, names)
    for name in draft.objects:
        _draw_object(draft, name)
    for name in draft.unions:
        members = dice.sample(draft.objects, dice.randrange(1, len(draft.objects) + 1))
        draft.lines.append(f"union {name} = {' | '.join(members)}")
    _draw_roots(draft)
    header = [*(f"scalar {name}" for name in SCALARS), "directive @note(text: String = \"'''\") repeatable on FIELD"]
    if dice.random() < 0.1:
        header.append(_DISABLED_PROPAGATION)
    return "\n".join([*header, *draft.lines]) + "\n"


def _draw_enum(draft: _Draft) -> None:
    name = draft.name()
    values = draft.dice.sample(ENUM_VALUES, draft.dice.randrange(1, 5))
    draft.enums[name] = values
    draft.lines.append(f"enum {name} {{ {' '.join(values)} }}")


def _wrapped(dice: random.Random, name: str, *, depth: int = 2) -> str:
    """Wrap a named type in lists and non-null marks."""
    text = name + ("!" if dice.random() < 0.35 else "")
    while depth and dice.random() < 0.3:
        text = f"[{text}]" + ("!" if dice.random() < 0.35 else "")
        depth -= 1
    return text


def _input_type(draft: _Draft) -> str:
    names = [*BUILT_IN, *SCALARS, *draft.enums, *draft.inputs]
    return _wrapped(draft.dice, draft.dice.choice(names))


def constant(draft: _Draft, type_text: str) -> str:
    """Draw a constant literal for an input type given as text."""
    dice = draft.dice
    if type_text.endswith("!"):
        return constant(draft, type_text[:-1])
    if type_text.startswith("["):
        inner = type_text[1:-1]
        return "[" + ", ".join(_nullable_constant(draft, inner) for _ in range(dice.randrange(3))) + "]"
    if type_text in draft.enums:
        return dice.choice(draft.enums[type_text])
    if type_text in draft.inputs:
        return _input_constant(draft, draft.inputs[type_text])
    simple = {"Int": ["0", "-7", "41"], "Float": ["0.5", "-1e3", "3"], "Boolean": ["true", "false"], "ID": ['"i"', "7"]}
    simple |= {"Even": ["2", "-4"], "Opaque": ["1", '"o"', "{ class: [1, null] }", "[]", "ENUMISH"]}
    return dice.choice(simple.get(type_text, list(STRINGS)))


def _nullable_constant(draft: _Draft, type_text: str) -> str:
    if not type_text.endswith("!") and draft.dice.random() < 0.15:
        return "null"
    return constant(draft, type_text)


def _input_constant(draft: _Draft, fields: dict[str, str]) -> str:
    given = [
        f"{name}: {_nullable_constant(draft, text)}"
        for name, text in fields.items()
        if text.endswith("!") or draft.dice.random() < 0.5
    ]
    return "{ " + ", ".join(given) + " }"


def _draw_input(draft: _Draft) -> None:
    dice, name = draft.dice, draft.name()
    one_of = dice.random() < 0.2
    fields: dict[str, str] = {}
    lines = []
    for _ in range(dice.randrange(1, 4)):
        text = _input_type(draft)
        field_name = fresh_name(dice, FIELDS, fields)
        if one_of:
            text = text.rstrip("!")
        default = f" = {_nullable_constant(draft, text)}" if not one_of and dice.random() < 0.35 else ""
        fields[field_name] = text
        lines.append(f"{field_name}: {text}{default}")
    if not one_of and dice.random() < 0.3:
        lines.append(f"again: {name}")
    if one_of:
        draft.one_of.append(name)
    else:
        draft.inputs[name] = fields
    draft.lines.append(f"input {name}{' @oneOf' if one_of else ''} {{ {', '.join(lines)} }}")


def _arguments(draft: _Draft) -> str:
    dice = draft.dice
    if dice.random() < 0.6:
        return ""
    taken: set[str] = set()
    parts = []
    for _ in range(dice.randrange(1, 4)):
        name, text = fresh_name(dice, FIELDS, taken), _input_type(draft)
        taken.add(name)
        default = f" = {_nullable_constant(draft, text)}" if dice.random() < 0.4 else ""
        if draft.one_of and dice.random() < 0.15:
            text, default = _wrapped(dice, dice.choice(draft.one_of)), ""
        parts.append(f"{name}: {text}{default}")
    return "(" + ", ".join(parts) + ")"


def _output_type(draft: _Draft) -> str:
    dice = draft.dice
    composite = [*draft.objects, *draft.objects, *draft.unions, *draft.interfaces]
    leaf = [*BUILT_IN, *SCALARS, *draft.enums]
    return _wrapped(dice, dice.choice(composite if dice.random() < 0.45 else leaf))


def _fields(draft: _Draft, at_least: dict[str, str]) -> dict[str, str]:
    """Draw fields: name to `(arguments): type`, those of the interfaces among them, some tightened to non-null."""
    fields = dict(at_least)
    for name, text in at_least.items():
        if not text.endswith("!") and draft.dice.random() < 0.2:
            fields[name] = text + "!"
    for _ in range(draft.dice.randrange(1, 5)):
        name = fresh_name(draft.dice, FIELDS, fields)
        fields[name] = f"{_arguments(draft)}: {_output_type(draft)}"
    return fields


def _body(fields: dict[str, str]) -> str:
    return "{\n" + "".join(f"  {name}{text}\n" for name, text in fields.items()) + "}"


def _implements(parents: list[str]) -> str:
    return f" implements {' & '.join(parents)}" if parents else ""


def _draw_interface(draft: _Draft, name: str, names: list[str]) -> None:
    earlier = [other for other in names if other in draft.interfaces]
    parents = [earlier[-1], *draft.parents[earlier[-1]]] if earlier and draft.dice.random() < 0.6 else []
    inherited = {key: text for parent in parents for key, text in draft.interfaces[parent].items()}
    for parent in parents:  # the nearest parent may have tightened a type
        inherited |= {key: text for key, text in draft.interfaces[parent].items() if text.endswith("!")}
    draft.parents[name] = parents
    draft.interfaces[name] = _fields(draft, inherited)
    draft.lines.append(f"interface {name}{_implements(parents)} {_body(draft.interfaces[name])}")


def _draw_object(draft: _Draft, name: str) -> None:
    parents: list[str] = []
    if draft.interfaces and draft.dice.random() < 0.7:
        nearest = draft.dice.choice(list(draft.interfaces))
        parents = [nearest, *draft.parents[nearest]]
    inherited: dict[str, str] = {}
    for parent in reversed(parents):
        inherited |= draft.interfaces[parent]
    draft.lines.append(f"type {name}{_implements(parents)} {_body(_fields(draft, inherited))}")


def _draw_roots(draft: _Draft) -> None:
    for root in ("Query", "Mutation", "Subscription"):
        fields = {} if root == "Subscription" else {"one": f": {draft.objects[0]}", "many": f": [{draft.objects[-1]}]"}
        draft.lines.append(f"type {root} {_body(_fields(draft, fields))}")
