"""Every field, mutation and subscription times everybody who may ask, made of the schema and of the rules (S34)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
)

from graphql_schema.permissions import policy_of
from graphql_schema.policies import Asks
from identity.access import RULES, Action
from identity.capacities import KIND_OF, OF_DESK, OF_OWN_ACCOUNT, Capacity, Mandate
from identity.principal import ActorKind, Assurance
from tests.factories.people import NOW

VIEWER = "Viewer"
_ROOTS = ("Query", "Mutation", "Subscription")

REFUSED = "ACCESS_REFUSED"
UNCONFIRMED = "ACCOUNT_NOT_CONFIRMED"
ANONYMOUS = "UNAUTHENTICATED"
STALE = "INSUFFICIENT_USER_AUTHENTICATION"
CODES = frozenset({REFUSED, UNCONFIRMED, ANONYMOUS, STALE})
"""What access control says; every other outcome means that it let the actor pass."""


class Standing(StrEnum):
    """What the asking one is to the person, and whether it still holds."""

    OWN = "own"
    OWN_UNCONFIRMED = "own, not confirmed"
    OWN_STALE = "own, signed in long ago"
    OTHERS = "other's"
    DELEGATED = "delegated"
    REVOKED = "revoked"
    EXPIRED = "expired"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Asker:
    """One column of the matrix."""

    standing: Standing
    kind: ActorKind | None = None
    capacity: Capacity | None = None

    @property
    def is_own(self) -> bool:
        """Return whether it is about the asking one."""
        return self.standing in {Standing.OWN, Standing.OWN_UNCONFIRMED, Standing.OWN_STALE}

    @property
    def assurance(self) -> Assurance:
        """Return the level of the account."""
        return Assurance.STANDARD if self.standing is Standing.OWN_UNCONFIRMED else Assurance.CONFIRMED

    @property
    def authenticated_at(self) -> datetime:
        """Return when the asking one has proven who they are."""
        return NOW - timedelta(days=1) if self.standing is Standing.OWN_STALE else NOW

    @property
    def mandates(self) -> list[Mandate]:
        """Return what a source of mandates says of the asking one; a revoked one is gone."""
        if self.capacity is None or self.standing is Standing.REVOKED:
            return []
        end = NOW if self.standing is Standing.EXPIRED else NOW + timedelta(hours=1)
        return [Mandate(self.capacity, until=end)]

    def __str__(self) -> str:
        """Return how a failing cell is named."""
        return " ".join(filter(None, (self.kind, self.standing, self.capacity)))


def askers() -> Iterator[Asker]:
    """Yield every column."""
    yield Asker(Standing.ANONYMOUS)
    for kind in ActorKind:
        yield Asker(Standing.OWN, kind)
        yield Asker(Standing.OTHERS, kind)
        for capacity, kinds in KIND_OF.items():
            if kind in kinds:
                yield from (
                    Asker(standing, kind, capacity)
                    for standing in (Standing.DELEGATED, Standing.REVOKED, Standing.EXPIRED)
                )
    for kind in (ActorKind.CITIZEN, ActorKind.KIOSK, ActorKind.DEVICE):
        yield Asker(Standing.OWN_UNCONFIRMED, kind)
    yield Asker(Standing.OWN_STALE, ActorKind.CITIZEN)


def expected(action: Action, asker: Asker) -> str | None:
    """Return the code that the rules ask for, None where they let pass; written apart from `identity.access`."""
    rule = RULES[action]
    if rule.public:
        return None
    if asker.kind is None:
        return ANONYMOUS
    may = set()
    if asker.kind in OF_DESK:
        may.add(OF_DESK[asker.kind])
    if asker.is_own:
        may.add(OF_OWN_ACCOUNT[asker.kind])
    elif asker.standing is Standing.DELEGATED and asker.capacity:
        may.add(asker.capacity)
    if not may & rule.capacities:
        return REFUSED
    if rule.confirmed and asker.kind in {"citizen", "kiosk", "device"} and asker.assurance is not Assurance.CONFIRMED:
        return UNCONFIRMED
    return STALE if rule.fresh and asker.standing is Standing.OWN_STALE else None


@dataclass(frozen=True, slots=True)
class Row:
    """One field that asks for a right: of a root, or of the viewer."""

    parent: str
    name: str
    field: GraphQLField
    action: Action

    @property
    def is_about_a_person(self) -> bool:
        """Return whether it can be asked about somebody else: through `actingFor` or a `personId`."""
        return self.parent == VIEWER or self.person_argument is not None

    def takes(self, asker: Asker) -> bool:
        """Return whether the cell exists: where nobody else can be named, everybody asks about themself."""
        return self.is_about_a_person or asker.is_own or asker.standing is Standing.ANONYMOUS

    @property
    def person_argument(self) -> str | None:
        """Return where the person is named: an argument, or a part of `input`."""
        if "personId" in self.field.args:
            return "personId"
        given = self.field.args.get("input")
        kind = get_named_type(given.type) if given else None
        return "input" if isinstance(kind, GraphQLInputObjectType) and "personId" in kind.fields else None

    def __str__(self) -> str:
        """Return its coordinate."""
        return f"{self.parent}.{self.name}"


def rows(schema: GraphQLSchema) -> Iterator[Row]:
    """Yield every field whose resolver asks for a right; the guard test sees that no other one is reached first."""
    for parent in (*_ROOTS, VIEWER):
        kind = schema.type_map.get(parent)
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            policy = policy_of(parent, name)
            if isinstance(policy, Asks):
                yield Row(parent, name, field, policy.action)


def document(row: Row, schema: GraphQLSchema, *, about: str | None, given: Mapping[str, str]) -> str:
    """Return an operation that reaches a field with nothing around it but the way there.

    Args:
        row: The field.
        schema: Where it stands.
        about: Global id of somebody else, None for oneself.
        given: What stands for an argument or a part of `input` by its name: global ids, and texts that have a form.
    """
    call = f"{row.name}{_arguments(row, about, given)}{_selection(row.field, schema)}"
    if row.parent == VIEWER:
        return f'{{ actingFor(personId: "{about}") {{ {call} }} }}' if about else f"{{ viewer {{ {call} }} }}"
    return f"{row.parent.lower()} {{ {call} }}"


def _arguments(row: Row, about: str | None, given: Mapping[str, str]) -> str:
    parts = []
    for name, argument in row.field.args.items():
        if name == "personId" and row.person_argument == "personId":
            parts.append(f'personId: "{about or given["personId"]}"')
        elif _is_required(argument) or name == "input":
            parts.append(f"{name}: {_value(argument.type, name, about, given)}")
    return f"({', '.join(parts)})" if parts else ""


def _is_required(argument: Any) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def _value(kind: Any, name: str, about: str | None, given: Mapping[str, str]) -> str:
    """Return a literal of a type that passes its coercion."""
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, name, about, given)
    if isinstance(kind, GraphQLList):
        return f"[{_value(kind.of_type, name, about, given)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        parts = {
            part: _value(field.type, part, about, given)
            for part, field in kind.fields.items()
            if _is_required(field) and part != "personId"
        }
        if "personId" in kind.fields and (about or _is_required(kind.fields["personId"])):
            parts["personId"] = f'"{about or given["personId"]}"'
        return f"{{{', '.join(f'{part}: {text}' for part, text in parts.items())}}}"
    return str(_SCALARS[kind.name](name, given))


_SCALARS: Mapping[str, Any] = {
    "ID": lambda name, given: f'"{given[name]}"',
    "UUID": lambda _name, _given: f'"{uuid4()}"',
    "String": lambda name, given: f'"{given.get(name, "a sufficiently long text")}"',
    "Int": lambda _name, _given: "1",
    "Float": lambda _name, _given: "1.0",
    "Boolean": lambda _name, _given: "true",
    "Date": lambda _name, _given: '"2027-01-31"',
    "DateTime": lambda _name, _given: '"2027-01-31T09:00:00+00:00"',
    "Duration": lambda _name, _given: '"P30D"',
    "PhoneNumber": lambda _name, _given: '"+79105550117"',
    "Snils": lambda _name, _given: '"112-233-445 95"',
    "Enp": lambda _name, _given: '"7756410835001233"',
}


def _selection(field: GraphQLField | GraphQLArgument, schema: GraphQLSchema) -> str:
    kind = get_named_type(field.type)
    if isinstance(kind, GraphQLObjectType) and "errors" in kind.fields:
        return " { errors { code } }"
    is_composite = isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    return " { __typename }" if is_composite else ""
