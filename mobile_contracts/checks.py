"""What must hold before a change of the schema lands: each check yields its findings, one line each."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from graphql import GraphQLSchema, parse, validate

from mobile_contracts.explain import compile_operation
from mobile_contracts.manifest import (
    HOME,
    Operation,
    ReleaseStatus,
    load_manifest,
    load_registry,
    read_operation_files,
)

SCHEMA_FILE = Path("schema") / "schema.graphql"


def check_all(schema: GraphQLSchema, sdl: str, home: Path = HOME) -> Iterator[str]:
    """Yield everything that is wrong with the contracts.

    Args:
        schema: The schema as the server would serve it.
        sdl: Its sorted text, as `export-schema` writes it.
        home: The folder of the contracts.
    """
    yield from check_exported_schema(sdl, home)
    yield from check_operation_files(schema, home)
    yield from check_names(home)
    yield from check_releases(schema, home)
    yield from check_compiled(schema, home)


def check_exported_schema(sdl: str, home: Path = HOME) -> Iterator[str]:
    """Yield a finding when the published schema is not the one the code builds."""
    path = home / SCHEMA_FILE
    if not path.exists() or path.read_text() != sdl:
        yield f"{SCHEMA_FILE} differs from the code: run `zdorovye contracts export-schema` and read the difference"


def check_operation_files(schema: GraphQLSchema, home: Path = HOME) -> Iterator[str]:
    """Yield a finding for every operation file the schema does not accept."""
    for folder in sorted((home / "operations").iterdir()):
        try:
            operations = read_operation_files(folder)
        except ValueError as reason:
            yield f"operations/{folder.name}: {reason}"
            continue
        for operation in operations:
            for error in validate(schema, parse(operation.body)):
                yield f"operations/{folder.name}/{operation.name}: {error.message}"


def check_names(home: Path = HOME) -> Iterator[str]:
    """Yield a finding for every name that means two texts: logs, counts and `explain` know an operation by its name.

    What apps share is the same file in each of their folders, and one document to the server.
    """
    texts: dict[str, set[str]] = {}
    for operation in _written(home):
        texts.setdefault(operation.name, set()).add(operation.body)
    yield from (
        f"operations: {name} is not the same in every folder: let it be, or name it otherwise"
        for name, bodies in texts.items()
        if len(bodies) > 1
    )


def check_releases(schema: GraphQLSchema, home: Path = HOME) -> Iterator[str]:
    """Yield a finding for every changed manifest, and every operation of an active app the schema broke."""
    for release in load_registry(home):
        name = f"{release.platform} {release.version}"
        path = home / release.path
        if not path.exists():
            yield f"{name}: its manifest is missing"
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() != release.sha256:
            yield f"{name}: its manifest was changed after the release"
        if release.status is not ReleaseStatus.ACTIVE:
            continue
        for operation in load_manifest(release, home).operations:
            for error in validate(schema, parse(operation.body)):
                yield f"{name}: {operation.name} would break: {error.message}"


def check_compiled(schema: GraphQLSchema, home: Path = HOME) -> Iterator[str]:
    """Yield a finding for every part of an operation, written or released, that would not run compiled.

    What the other checks find (a malformed file, a missing manifest, an operation that would break) is left to them.
    """
    for operation in {one.id: one for one in _operations(home)}.values():
        if not validate(schema, parse(operation.body)):
            for fallback in compile_operation(schema, operation).fallbacks:
                yield f"{operation.name} is not compiled whole: {fallback.coordinate}: {fallback.reason}"


def _operations(home: Path) -> Iterator[Operation]:
    yield from _written(home)
    for release in load_registry(home):
        if release.status is ReleaseStatus.ACTIVE and (home / release.path).exists():
            yield from load_manifest(release, home).operations


def _written(home: Path) -> Iterator[Operation]:
    for folder in sorted((home / "operations").iterdir()):
        with suppress(ValueError):
            yield from read_operation_files(folder)
