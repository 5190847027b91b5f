"""From text to a document that may run: parsed, measured and validated once, then remembered."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from backend.settings import GraphQLSettings
from graphql_schema.costs import OperationCost
from graphql_schema.execution import Runner, Runners
from graphql_schema.faults import Fault, RequestRefused, refused
from graphql_schema.limits import analyse

_RULES: tuple[type[ASTValidationRule], ...] = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MOST_DOCUMENTS = 1_000
_ABORTED = "Parsing aborted."


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """One operation of a valid document, ready to be executed with variables."""

    document: DocumentNode
    name: str | None
    kind: OperationType
    cost: OperationCost
    runner: Runner


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A valid document within the limits."""

    operations: tuple[PreparedOperation, ...]

    def choose(self, name: str | None) -> PreparedOperation:
        """Return the operation to run (GetOperation of the specification).

        Raises:
            RequestRefused: No such operation, or several and no name (OPERATION_NOT_CHOSEN).
        """
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise refused("OPERATION_NOT_CHOSEN", "the document does not hold exactly one operation, so name one")
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise refused("OPERATION_NOT_CHOSEN", "the document holds no operation of that name")


class Preparation:
    """Prepares documents for one schema; a bounded number of valid ones is remembered by their text."""

    def __init__(self, schema: GraphQLSchema, limits: GraphQLSettings, runners: Runners, *, open_schema: bool) -> None:
        """With `open_schema` (development) introspection works and errors make suggestions (S8)."""
        self._schema = schema
        self._limits = limits
        self._runners = runners
        self._open = open_schema
        self._known: OrderedDict[str, PreparedDocument] = OrderedDict()

    def prepare(self, text: str, *, compiled: bool = False) -> PreparedDocument:
        """Return the prepared document of a text, its operations compiled or not; for one text always the same.

        Raises:
            RequestRefused: Too large, too complex, wrong in syntax or by the schema; one fault for each finding.
        """
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return known
        prepared = self._prepare(text, self._runners.compiled if compiled else self._runners.interpreted)
        self._known[text] = prepared
        if len(self._known) > _MOST_DOCUMENTS:
            self._known.popitem(last=False)
        return prepared

    def _prepare(self, text: str, run: Callable[[DocumentNode, str | None], Runner]) -> PreparedDocument:
        if len(text) > self._limits.max_characters:
            raise _too_complex("characters", len(text), self._limits.max_characters)
        document = self._parse(text)
        analysis = analyse(self._schema, document, self._limits, introspection=self._open)
        if analysis.faults:
            raise RequestRefused(*analysis.faults)
        if errors := self._validate(document):
            raise RequestRefused(*(Fault.of("GRAPHQL_VALIDATION_FAILED", error) for error in errors))
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        names = [node.name.value if node.name else None for node in operations]
        return PreparedDocument(
            tuple(
                PreparedOperation(document, name, node.operation, cost, run(document, name))
                for name, node, cost in zip(names, operations, analysis.costs, strict=True)
            )
        )

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_lexical_tokens=self._limits.max_tokens)
        except GraphQLSyntaxError as error:
            code = "QUERY_TOO_COMPLEX" if error.message.endswith(_ABORTED) else "GRAPHQL_PARSE_FAILED"
            raise RequestRefused(Fault.of(code, error)) from error
        except GraphQLError as error:
            raise RequestRefused(Fault.of("QUERY_TOO_COMPLEX", error)) from error

    def _validate(self, document: DocumentNode) -> list[GraphQLError]:
        return validate(self._schema, document, _RULES, hide_suggestions=not self._open)


def check_cost(operation: PreparedOperation, variables: Mapping[str, Any], limits: GraphQLSettings) -> int:
    """Return the static cost of an operation under its variables.

    Raises:
        RequestRefused: Above the limit of one operation (QUERY_TOO_COMPLEX).
    """
    cost = operation.cost.evaluate(variables)
    if cost > limits.max_cost:
        raise _too_complex("cost", cost, limits.max_cost)
    return cost


def check_kind(operation: PreparedOperation, allowed: Collection[OperationType]) -> None:
    """Refuse a kind of operation that the transport does not carry.

    Raises:
        RequestRefused: A mutation or a subscription over GET; a subscription where no stream was asked for.
    """
    if operation.kind in allowed:
        return
    if operation.kind is OperationType.SUBSCRIPTION:
        detail = "a subscription needs graphql-transport-ws, or Accept: text/event-stream"
        raise refused("SUBSCRIPTION_NOT_SUPPORTED_HERE", detail, status=406)
    raise refused("METHOD_NOT_ALLOWED", "GET executes queries only", status=405, headers={"allow": "POST"})


def _too_complex(what: str, actual: int, limit: int) -> RequestRefused:
    return refused("QUERY_TOO_COMPLEX", f"{what}: {actual} where {limit} are allowed", limit=limit, actual=actual)
