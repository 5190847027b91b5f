"""Our compiler behind the shape of an executor under comparison."""

import weakref
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema

from graphql_schema.compiled.operations import CompiledOperation, Fallback, OperationCompiler
from tests.graphql_schema.equality.doors import Request


@dataclass(slots=True)
class Compiled:
    """Our compiler, one for each schema; the fallbacks it told of are kept.

    `operations` counts executions, `speculative` those of operations of which parts are completed speculatively.
    """

    fallbacks: list[Fallback] = field(default_factory=list)
    speculates: bool = True
    operations: int = 0
    speculative: int = 0
    _compilers: "weakref.WeakKeyDictionary[GraphQLSchema, OperationCompiler]" = field(
        default_factory=weakref.WeakKeyDictionary
    )

    def _operation(self, request: Request) -> CompiledOperation:
        compiler = self._compilers.get(request.schema)
        if compiler is None:
            options: dict[str, Any] = {} if request.is_awaitable is None else {"is_awaitable": request.is_awaitable}
            compiler = OperationCompiler(
                request.schema, on_fallback=self.fallbacks.append, speculates=self.speculates, **options
            )
            self._compilers[request.schema] = compiler
        operation = compiler.compile(request.document, request.operation_name)
        self.operations += 1
        self.speculative += "# speculate_" in operation.source
        return operation

    def execute(self, request: Request) -> Any:
        """Execute the compiled operation."""
        return self._operation(request).execute(**_arguments(request))

    def subscribe(self, request: Request) -> Any:
        """Start the compiled subscription."""
        return self._operation(request).subscribe(**_arguments(request))


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "root_value": request.root,
        "context_value": request.context,
        "variable_values": request.variables,
        "hide_suggestions": request.hide_suggestions,
    }
