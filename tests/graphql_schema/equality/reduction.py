"""Makes a case that shows a difference as small as it gets: fewer selections, variables and faults."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    parse,
    print_ast,
    visit,
)
from graphql.language import REMOVE, Visitor

from tests.graphql_schema.equality.cases import Case, places
from tests.graphql_schema.equality.documents import mistakes

_REMOVABLE = (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
)
_MOST_TRIALS = 800


class _Counter(Visitor):
    """Removes the removable node of one number, or unwraps the inline fragment of it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.seen = 0

    def enter(self, node: Node, *_rest: Any) -> Any:
        """Count a node; remove it when it is the one."""
        if not isinstance(node, _REMOVABLE):
            return None
        self.seen += 1
        return REMOVE if self.seen - 1 == self._number else None


def _without(document: DocumentNode, number: int) -> DocumentNode | None:
    counter = _Counter(number)
    smaller: DocumentNode = visit(document, counter)
    return smaller if counter.seen > number else None


def reduce_case(case: Case, differs: Callable[[Case], bool]) -> Case:
    """Reduce a case while it goes on to differ.

    Args:
        case: A case for which `differs` holds.
        differs: Tells whether a case still shows a difference; it is called at most 800 times.

    Returns:
        A case that differs and is no larger.
    """
    trials = iter(range(_MOST_TRIALS))
    case = _reduced_document(case, differs, trials)
    for name in list(case.values):
        smaller = replace(case, values={key: value for key, value in case.values.items() if key != name})
        if next(trials, None) is not None and differs(smaller):
            case = smaller
    return _calmed(case, differs, trials)


def _reduced_document(case: Case, differs: Callable[[Case], bool], trials: Iterator[int]) -> Case:
    """Remove one node after another, the outer before the inner, until a whole round removes none."""
    number, removed = 0, False
    while next(trials, None) is not None:
        candidate = _without(case.drawn.document, number)
        if candidate is None:
            if not removed:
                return case
            number, removed = 0, False
            continue
        smaller = _with(case, candidate)
        if smaller is not None and differs(smaller):
            case, removed = smaller, True
        else:
            number += 1
    return case


def _with(case: Case, candidate: DocumentNode) -> Case | None:
    try:
        text = print_ast(candidate)
        document = parse(text)
    except (GraphQLSyntaxError, TypeError):
        return None
    if "{}" in text or mistakes(case.sandbox.schema, document):
        return None
    return case.with_document(document, text)


def _calmed(case: Case, differs: Callable[[Case], bool], trials: Iterator[int]) -> Case:
    """Quiet the places where something goes wrong or comes late, as long as the difference stays."""
    for key in sorted(places(case), key=repr):
        calmer = replace(case, plan=replace(case.plan, calm=case.plan.calm | {key}))
        if next(trials, None) is not None and differs(calmer):
            case = calmer
    return case
