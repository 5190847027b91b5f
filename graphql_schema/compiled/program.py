"""The compiled functions of one operation, for one set of included fields, and how they are run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from types import CoroutineType, MappingProxyType
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution.values import VariableValues

from graphql_schema.compiled import abstracts, accesses, bailouts, classes, completion, strawberry_fields
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.generator import Generator
from graphql_schema.compiled.positions import Trail
from graphql_schema.compiled.run import Run
from graphql_schema.compiled.selections import NotCompilable
from graphql_schema.compiled.speculative_generator import SpeculativeGenerator

_Begin = Callable[[Run, Any, "Trail | None"], Any]

_NAMES: Mapping[str, Any] = MappingProxyType(
    {
        "BAILED": bailouts.BAILED,
        "CoroutineType": CoroutineType,
        "LISTS": bailouts.LISTS,
        "PLAIN": classes.PLAIN,
        "UNREAD": classes.UNREAD,
        "abstract": abstracts.abstract,
        "collect_again": abstracts.collect_again,
        "cold": completion.cold,
        "complete_leaves": completion.complete_leaves,
        "date": date,
        "datetime": datetime,
        "drain": completion.drain,
        "enter": abstracts.enter,
        "failed": completion.failed,
        "gather_late": completion.gather_late,
        "getter": accesses.getter,
        "hold": completion.hold,
        "hold_late": completion.hold_late,
        "is_plain": classes.is_plain,
        "later": completion.later,
        "listed": abstracts.listed,
        "leaf": completion.leaf,
        "make_info": strawberry_fields.make_info,
        "ordinary": completion.ordinary,
        "other_object": abstracts.other_object,
        "read_on": completion.read_on,
        "scalar": completion.scalar,
        "speculate": bailouts.speculate,
        "unread": completion.unread,
    }
)
"""What generated code may call."""


class Program:
    """One operation, compiled for one choice of `@skip` and `@include`."""

    def __init__(self, environment: Environment, values: VariableValues) -> None:
        """Compile.

        Raises:
            NotCompilable: It is better left to graphql-core.
        """
        self.environment = environment
        generator = (SpeculativeGenerator if environment.engine.speculates else Generator)(environment, values, _NAMES)
        operation = environment.operation
        kind = operation.operation
        root_type = environment.engine.schema.get_root_type(kind)
        if root_type is None:
            raise NotCompilable(f"the schema has no {kind.value}")
        fields = generator.selections.of_root(root_type)
        self._serial = kind is OperationType.MUTATION
        stem = operation.name.value if operation.name else "operation"
        if self._serial:
            parts = {
                key: generator.write_root(root_type, {key: details}, f"{stem}_{key}") for key, details in fields.items()
            }
        else:
            parts = {"": generator.write_root(root_type, fields, stem)}
        self.source = generator.writer.source
        self._parts: list[tuple[str, _Begin]] = list(parts.items())

    def execute(self, run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute (`Executor.execute_operation`)."""
        try:
            data = self._execute_serially(run) if self._serial else self._parts[0][1](run, run.root, None)
        except GraphQLError as error:
            run.settle(0)
            return run.refuse(error)
        if type(data) is CoroutineType:
            return _answer_later(run, data)
        return run.answer(data)

    def _execute_serially(self, run: Run) -> Any:
        """Execute the fields of a mutation one after another (`Executor.execute_fields_serially`)."""
        data: dict[str, Any] = {}
        parts = iter(self._parts)
        for _, begin in parts:
            part = begin(run, run.root, None)
            if type(part) is CoroutineType:
                return _go_on(run, data, part, parts)
            data.update(part)
        return data


async def _go_on(run: Run, data: dict[str, Any], part: Awaitable[Any], parts: Any) -> dict[str, Any]:
    data.update(await part)
    for _, begin in parts:
        following = begin(run, run.root, None)
        data.update(await following if type(following) is CoroutineType else following)
    return data


async def _answer_later(run: Run, data: Awaitable[dict[str, Any]]) -> ExecutionResult:
    try:
        return run.answer(await data)
    except GraphQLError as error:
        return run.refuse(error)
