"""Executors with one mistake each: a fuzzer that does not find them would prove nothing."""

from typing import Any

from graphql import Executor, GraphQLError, located_error
from graphql.execution import ExecutionResult
from graphql.pyutils import Path


class WrongErrorOrder(Executor[Any]):
    """Reports the errors last first."""

    def build_response(self, data: dict[str, Any] | None) -> Any:
        result = super().build_response(data)
        assert isinstance(result, ExecutionResult)
        return ExecutionResult(result.data, list(reversed(result.errors)) if result.errors else None)


class NoPropagation(Executor[Any]):
    """Leaves null where none may be."""

    def handle_field_error(self, raw_error: Exception, return_type: Any, details: Any, path: Path) -> None:
        nodes = [one.node for one in details]
        self.collected_errors.add(located_error(raw_error, nodes, path.as_list()), path)


class SwallowedItemError(Executor[Any]):
    """Says nothing of a failed item of a list."""

    def handle_field_error(self, raw_error: Exception, return_type: Any, details: Any, path: Path) -> None:
        try:
            super().handle_field_error(raw_error, return_type, details, path)
        finally:
            if isinstance(path.key, int) and self.collected_errors.errors:
                self.collected_errors.errors.pop()


class DoubleCall(Executor[Any]):
    """Calls the resolver of a leaf twice."""

    def execute_field(self, parent: Any, source: Any, details: Any, path: Path, position: Any) -> Any:
        if not details[0].node.selection_set and not details[0].node.arguments and path.prev is not None:
            extra = super().execute_field(parent, source, details, path, position)
            if self.is_awaitable(extra):
                self.settle_in_background([extra])
        return super().execute_field(parent, source, details, path, position)


class WrongAlias(Executor[Any]):
    """Answers under the field's name."""

    def execute_fields(self, parent: Any, source: Any, path: Any, fields: Any, position: Any) -> Any:
        named = {details[0].node.name.value if path else key: details for key, details in fields.items()}
        return super().execute_fields(parent, source, path, named, position)


class LostExtensions(Executor[Any]):
    """Forgets what an exception says of itself."""

    def handle_field_error(self, raw_error: Exception, return_type: Any, details: Any, path: Path) -> None:
        if not isinstance(raw_error, GraphQLError):
            raw_error = type(raw_error)(*raw_error.args[:1])
        super().handle_field_error(raw_error, return_type, details, path)


class ParallelMutations(Executor[Any]):
    """Executes mutations all at once."""

    def execute_fields_serially(self, parent: Any, source: Any, path: Any, fields: Any, position: Any) -> Any:
        return self.execute_fields(parent, source, path, fields, position)


class ForgottenAwaitable(Executor[Any]):
    """Leaves the awaitables of a failed object lying about."""

    def settle_in_background(self, awaitables: list[Any]) -> None:
        awaitables.clear()


class LastNodeOnly(Executor[Any]):
    """Takes the last of the fields that merge for all of them."""

    def execute_field(self, parent: Any, source: Any, details: Any, path: Path, position: Any) -> Any:
        return super().execute_field(parent, source, details[-1:], path, position)


MUTANTS: tuple[type[Executor[Any]], ...] = (
    WrongErrorOrder,
    NoPropagation,
    SwallowedItemError,
    DoubleCall,
    WrongAlias,
    LostExtensions,
    ParallelMutations,
    ForgottenAwaitable,
    LastNodeOnly,
)
