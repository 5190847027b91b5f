"""Depth, aliases, directives, sensitive mutations and cost of a document, each fragment looked at once (S1-S4).

Strawberry's own limiters expand fragments again at every spread, which is exponential in nested ones. Here a
fragment's depth and cost are remembered, and how often it is spread is propagated along the graph of spreads, so that
the work grows with the number of nodes plus the number of spreads.

It runs before the rules of the specification, because those are the expensive ones; so it must live with documents
that are wrong in every other way: unknown fields, missing fragments, circles.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from backend.settings import GraphQLSettings
from graphql_schema.costs import (
    DEFAULT_LIST_SIZE,
    PLAIN_LIST_SIZE,
    SATURATED,
    WORST_LIST_SIZE,
    CostPlan,
    OperationCost,
    variable_defaults,
    whole_number,
)
from graphql_schema.faults import Fault

SENSITIVE_MUTATIONS = frozenset(
    {
        "bookAppointment",
        "bookAppointments",
        "confirmChild",
        "extendHold",
        "holdSlot",
        "openInvitation",
        "rescheduleAppointment",
        "sendCallerCode",
        "verifyCaller",
    }
)
"""At most one of them a document (S4)."""

_MOST_OCCURRENCES = 100
_MOST_OPERATIONS = 20
_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class _Measured:
    """What is known of a selection set: its depth and cost, fragments included."""

    depth: int = 0
    plan: CostPlan = field(default_factory=lambda: CostPlan(0))


@dataclass(slots=True)
class _Body:
    """What stands in an operation or a fragment itself; spreads are only counted."""

    aliases: Counter[str] = field(default_factory=Counter)
    occurrences: Counter[str] = field(default_factory=Counter)
    sensitive: int = 0
    spreads: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The outcome: the faults, the cost of each operation in the order of the document, the steps it took."""

    faults: tuple[Fault, ...]
    costs: tuple[OperationCost, ...]
    steps: int


def analyse(schema: GraphQLSchema, document: DocumentNode, limits: GraphQLSettings, *, introspection: bool) -> Analysis:
    """Measure every operation of a document in linear time.

    Args:
        schema: Gives the types, which say where lists multiply.
        document: Parsed, not yet validated.
        limits: The figures; each is the greatest allowed.
        introspection: Whether the schema may describe itself (S8).

    Returns:
        Faults (QUERY_TOO_COMPLEX, one for each limit that was passed, INTROSPECTION_DISABLED), and a cost an
        operation; it depends on variables and is compared with its limit by the caller.

    Source: OWASP GraphQL cheat sheet; our requirements S1-S4.
    """
    return _Analyser(schema, document, introspection=introspection).run(limits)


class _Analyser:
    """One walk over one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, *, introspection: bool) -> None:
        self._schema = schema
        self._introspection = introspection
        self._describes = False
        self._document = document
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, _Measured] = {}
        self._open: set[str] = set()
        self._bodies: dict[str, _Body] = {}
        self._finished: list[str] = []
        self._directives = 0
        self.steps = 0

    def run(self, limits: GraphQLSettings) -> Analysis:
        operations = [node for node in self._document.definitions if isinstance(node, OperationDefinitionNode)]
        if len(operations) > _MOST_OPERATIONS:
            return Analysis(tuple(_passed("operations", len(operations), _MOST_OPERATIONS)), (), self.steps)
        faults: list[Fault] = []
        costs: list[OperationCost] = []
        sensitive = 0
        for node in operations:
            body = _Body()
            self._count_directives(node.directives)
            measured = self._measure(node.selection_set, self._schema.get_root_type(node.operation), body)
            costs.append(OperationCost(measured.plan, variable_defaults(node)))
            total = self._spread_out(body)
            sensitive += total.sensitive if node.operation is OperationType.MUTATION else 0
            faults += _passed("depth", measured.depth, limits.max_depth)
            faults += _passed("aliases of one field", _most(total.aliases), limits.max_aliases_of_one_field)
            faults += _passed("occurrences of one field", _most(total.occurrences), _MOST_OCCURRENCES)
        faults += _passed("sensitive mutations in a document", sensitive, 1)
        faults += _passed("directives", self._directives, limits.max_directives)
        if self._describes and not self._introspection:
            faults.append(Fault("INTROSPECTION_DISABLED", extensions={"detail": "the schema does not describe itself"}))
        return Analysis(tuple(faults), tuple(costs), self.steps)

    def _measure(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None, body: _Body) -> _Measured:
        depth, constant = 0, 0
        parts: list[tuple[int, str | None, CostPlan]] = []
        for node in selections.selections if selections else ():
            self.steps += 1
            self._count_directives(node.directives)
            if isinstance(node, FieldNode):
                inner, factor, variable = self._measure_field(node, parent, body)
                constant += 1
            else:
                inner, factor, variable = self._measure_fragment(node, parent, body), 1, None
            depth = max(depth, inner.depth)
            if inner.plan.parts or variable is not None:
                parts.append((factor, variable, inner.plan))
            else:
                constant += factor * inner.plan.constant
        return _Measured(depth, CostPlan(min(constant, SATURATED), tuple(parts)))

    def _measure_field(
        self, node: FieldNode, parent: GraphQLNamedType | None, body: _Body
    ) -> tuple[_Measured, int, str | None]:
        name = node.name.value
        key = f"{parent.name if parent else '?'}.{name}"
        body.occurrences[key] += 1
        body.aliases[key] += node.alias is not None
        body.sensitive += name in SENSITIVE_MUTATIONS
        if name in _INTROSPECTION:
            self._describes = True
            return _Measured(1, CostPlan(WORST_LIST_SIZE)), 1, None
        returned = _type_of_field(parent, name)
        inner = self._measure(node.selection_set, get_named_type(returned) if returned else None, body)
        factor, variable = _list_size(node, parent, returned)
        return _Measured(inner.depth + 1, inner.plan), factor, variable

    def _measure_fragment(
        self, node: FragmentSpreadNode | InlineFragmentNode | Any, parent: GraphQLNamedType | None, body: _Body
    ) -> _Measured:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            return self._measure(
                node.selection_set, self._schema.get_type(condition.name.value) if condition else parent, body
            )
        name = node.name.value
        body.spreads[name] += 1
        if name in self._measured:
            return self._measured[name]
        if name in self._open or name not in self._fragments:
            return _Measured()
        return self._measure_definition(name)

    def _measure_definition(self, name: str) -> _Measured:
        node = self._fragments[name]
        self._open.add(name)
        self._count_directives(node.directives)
        self._bodies[name] = _Body()
        measured = self._measure(
            node.selection_set, self._schema.get_type(node.type_condition.name.value), self._bodies[name]
        )
        self._open.discard(name)
        self._measured[name] = measured
        self._finished.append(name)
        return measured

    def _spread_out(self, operation: _Body) -> _Body:
        """Add up an operation and its fragments, each times the number of its expansions.

        Fragments are finished after all they spread, so the reverse order gives each its full count before use.
        """
        times: Counter[str] = Counter(operation.spreads)
        total = _Body(Counter(operation.aliases), Counter(operation.occurrences), operation.sensitive)
        for name in reversed(self._finished):
            expansions = min(times[name], SATURATED)
            if not expansions:
                continue
            body = self._bodies[name]
            for spread, count in body.spreads.items():
                self.steps += 1
                times[spread] = min(times[spread] + expansions * count, SATURATED)
            for counts, own in ((total.aliases, body.aliases), (total.occurrences, body.occurrences)):
                for key, count in own.items():
                    self.steps += 1
                    counts[key] = min(counts[key] + expansions * count, SATURATED)
            total.sensitive = min(total.sensitive + expansions * body.sensitive, SATURATED)
        return total

    def _count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        self._directives += len(directives or ())


def _passed(what: str, actual: int, limit: int) -> Iterator[Fault]:
    if actual > limit:
        detail = f"{what}: {min(actual, SATURATED)} where {limit} are allowed"
        yield Fault("QUERY_TOO_COMPLEX", extensions={"detail": detail, "limit": limit, "actual": actual})


def _most(counts: Counter[str]) -> int:
    return max(counts.values(), default=0)


def _type_of_field(parent: GraphQLNamedType | None, name: str) -> GraphQLOutputType | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and (found := parent.fields.get(name)):
        found_type: GraphQLOutputType = found.type
        return found_type
    return None


def _list_size(
    node: FieldNode, parent: GraphQLNamedType | None, returned: GraphQLOutputType | None
) -> tuple[int, str | None]:
    """Return by how much a field multiplies what is under it: a number, and perhaps a variable."""
    for argument in node.arguments or ():
        if argument.name.value != "first":
            continue
        if isinstance(argument.value, VariableNode):
            return 1, argument.value.name.value
        if isinstance(argument.value, IntValueNode):
            return whole_number(argument.value), None
        return WORST_LIST_SIZE, None
    if node.selection_set is None or returned is None:
        return 1, None
    if get_named_type(returned).name.endswith("Connection"):
        return DEFAULT_LIST_SIZE, None
    inside_page = parent is not None and parent.name.endswith("Connection")
    bare = returned.of_type if isinstance(returned, GraphQLNonNull) else returned
    return (PLAIN_LIST_SIZE if isinstance(bare, GraphQLList) and not inside_page else 1), None
