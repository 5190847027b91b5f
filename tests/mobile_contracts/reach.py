"""What the operations of the apps reach: of the schema, and of what each of them lets its people do.

Production serves published operations only, so what none of them names is there for nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

from backend.entrypoints.demo.staff import STAFF_APPS
from graphql_schema.field_policies import FIELD_POLICIES
from graphql_schema.policies import Asks
from identity.access import RULES, Action
from identity.capacities import KIND_OF, OF_DESK, OF_OWN_ACCOUNT
from identity.principal import ActorKind
from mobile_contracts.manifest import Operation

_PHONE = frozenset({ActorKind.CITIZEN, ActorKind.DEVICE})

KINDS: Mapping[str, frozenset[ActorKind]] = MappingProxyType(
    {
        **dict.fromkeys(("ios", "android", "web"), _PHONE),
        "kiosk": frozenset({ActorKind.KIOSK}),
        **{app.client_id: frozenset({app.signs_in}) for app in STAFF_APPS},
    }
)
"""As whom the app of a platform signs people in."""

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "*Connection.edges": "every page is read by `nodes`, and goes on by `pageInfo`; edges are there for Relay",
        "*Connection.totalCount": "null everywhere: nothing is counted for a screen that scrolls",
        "*Edge.*": "as edges",
    }
)
"""Fields that no app needs, and why; a star is any beginning or any field."""

_PUBLIC = frozenset(action for action, rule in RULES.items() if rule.public)
_ABOUT_OTHERS = frozenset({"Query.actingFor", "Call.patient"})


class _Named(Visitor):
    """Collects the fields of a document; one of an interface is a field of every type behind it."""

    def __init__(self, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._schema, self._info = schema, info
        self.fields: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        kind = self._info.get_parent_type()
        if isinstance(kind, GraphQLInterfaceType):
            kinds = [one.name for one in self._schema.get_implementations(kind).objects]
        else:
            kinds = [kind.name] if kind else []
        self.fields |= {f"{name}.{node.name.value}" for name in kinds}


def named_fields(schema: GraphQLSchema, operation: Operation) -> frozenset[str]:
    """Return the `Type.field` of everything an operation names, fragments included."""
    info = TypeInfo(schema)
    named = _Named(schema, info)
    visit(parse(operation.body), TypeInfoVisitor(info, named))
    return frozenset(named.fields)


def left_out(type_name: str, field_name: str) -> str | None:
    """Return the line of `LEFT_OUT` that a field falls under, if one does."""
    for line in LEFT_OUT:
        kind, _, name = line.partition(".")
        if (type_name.endswith(kind[1:]) if kind.startswith("*") else type_name == kind) and name in {"*", field_name}:
            return line
    return None


def every_field(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yield type and field of everything that can be asked for."""
    for name, kind in sorted(schema.type_map.items()):
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            yield from ((name, one) for one in kind.fields)


def unreached(schema: GraphQLSchema, operations: Iterable[Operation]) -> list[str]:
    """Return the fields that no operation names and that are not left out on purpose."""
    named = frozenset[str]().union(*(named_fields(schema, one) for one in operations))
    return [
        f"{kind}.{name}"
        for kind, name in every_field(schema)
        if f"{kind}.{name}" not in named and left_out(kind, name) is None
    ]


@dataclass
class Asked:
    """Which rights the operations of an app ask for: about oneself, about others, and by roots, where either may be."""

    own: set[Action] = field(default_factory=set)
    others: set[Action] = field(default_factory=set)
    roots: set[Action] = field(default_factory=set)


def asked_by(schema: GraphQLSchema, operations: Iterable[Operation]) -> Asked:
    """Return the rights that an app asks for, by the table of access."""
    asked = Asked()
    for operation in operations:
        named = named_fields(schema, operation)
        of_viewer = asked.others if named & _ABOUT_OTHERS else asked.own
        for one in named:
            if isinstance(policy := FIELD_POLICIES.get(one), Asks):
                (of_viewer if "Viewer." in one else asked.roots).add(policy.action)
    return asked


@dataclass
class Allowed:
    """Which rights the people of an app may have: about themselves or by their desk, and about others."""

    own: set[Action]
    others: set[Action]


def allowed_to(kinds: Iterable[ActorKind]) -> Allowed:
    """Return the rights of whoever signs in as one of these, by the rules."""
    kinds = frozenset(kinds)
    own = {of[kind] for of in (OF_OWN_ACCOUNT, OF_DESK) for kind in kinds if kind in of}
    others = {capacity for capacity, given_to in KIND_OF.items() if kinds & given_to}
    return Allowed(
        {action for action, rule in RULES.items() if rule.capacities & own},
        {action for action, rule in RULES.items() if rule.capacities & others},
    )


def out_of_reach(asked: Asked, allowed: Allowed) -> set[Action]:
    """Return what people may, and their app has no operation for."""
    return (allowed.own - asked.own - asked.roots) | (allowed.others - asked.others - asked.roots)


def always_refused(asked: Asked, allowed: Allowed) -> set[Action]:
    """Return what an app asks for though nobody who uses it may."""
    return (
        (asked.own - allowed.own)
        | (asked.others - allowed.others)
        | (asked.roots - allowed.own - allowed.others - _PUBLIC)
    )
