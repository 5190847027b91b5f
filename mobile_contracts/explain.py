"""How an operation of the contracts is executed: the Python that is generated for it, and what it leaves."""

from pathlib import Path

from graphql import GraphQLSchema, parse

from graphql_schema.compiled.operations import CompiledOperation, OperationCompiler
from graphql_schema.execution import LEFT_TO_ENCODER
from mobile_contracts.manifest import HOME, Operation, active_operations, read_operation_files


class OperationUnknown(Exception):
    """No operation of that name; the text lists those there are."""


def find_operation(name: str, home: Path = HOME) -> Operation:
    """Return the operation of a name: as it stands in `operations/`, else as the newest active release froze it.

    Raises:
        OperationUnknown: There is none.
    """
    folders = sorted(path for path in (home / "operations").iterdir() if path.is_dir())
    written = {one.name: one for folder in folders for one in read_operation_files(folder)}
    known = {one.name: one for one in active_operations(home).values()} | written
    if name not in known:
        raise OperationUnknown(f"no operation {name}; there are: {', '.join(sorted(known))}")
    return known[name]


def compile_operation(schema: GraphQLSchema, operation: Operation) -> CompiledOperation:
    """Compile an operation that is valid for the schema."""
    return OperationCompiler(schema, left_to_encoder=LEFT_TO_ENCODER).compile(parse(operation.body), operation.name)
