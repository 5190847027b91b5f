"""What an operation costs: fields times the sizes of the lists around them, some of which come in variables (S2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import IntValueNode, OperationDefinitionNode

DEFAULT_LIST_SIZE = 20
WORST_LIST_SIZE = 100
PLAIN_LIST_SIZE = 5
"""How many objects a list without paging is taken to hold."""

SATURATED = 10**9
"""No figure grows above it."""


@dataclass(frozen=True, slots=True)
class CostPlan:
    """The cost of a selection: a constant, plus parts that are multiplied by a list size given in a variable."""

    constant: int
    parts: tuple[tuple[int, str | None, "CostPlan"], ...] = ()

    def evaluate(self, variables: Mapping[str, Any]) -> int:
        """Return the cost under `variables`: an absent size is the default page, an odd one the worst case."""
        return _evaluate(self, variables, {}) if self.parts else self.constant


def _evaluate(plan: CostPlan, variables: Mapping[str, Any], known: dict[int, int]) -> int:
    if (cost := known.get(id(plan))) is not None:
        return cost
    cost = plan.constant
    for factor, variable, inner in plan.parts:
        size = 1 if variable is None else _size_of_variable(variables.get(variable))
        cost += factor * size * _evaluate(inner, variables, known)
    known[id(plan)] = cost = min(cost, SATURATED)
    return cost


@dataclass(frozen=True, slots=True)
class OperationCost:
    """The cost plan of one operation with the defaults of its variables that are whole numbers."""

    plan: CostPlan
    defaults: Mapping[str, int]

    def evaluate(self, variables: Mapping[str, Any]) -> int:
        """Return the cost of the operation under `variables`."""
        return self.plan.evaluate({**self.defaults, **variables}) if self.plan.parts else self.plan.constant


def variable_defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    """Return the defaults of an operation's variables that are whole numbers, by the variable's name."""
    return {
        definition.variable.name.value: whole_number(definition.default_value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }


def whole_number(node: IntValueNode) -> int:
    """Return the number of a literal, cut off where it stops mattering."""
    return max(0, int(node.value)) if len(node.value) < len(str(SATURATED)) else SATURATED


def _size_of_variable(value: object) -> int:
    if value is None:
        return DEFAULT_LIST_SIZE
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return min(value, SATURATED)
    return WORST_LIST_SIZE
