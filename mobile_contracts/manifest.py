"""Manifests: which operations a released app may send, by id. The format is Apollo's persisted query manifest."""

import hashlib
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

import orjson
import yaml
from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

HOME = Path(__file__).parent

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Operation(BaseModel):
    """One operation of a manifest; `id` is what the app sends and is never computed anew."""

    model_config = _STRICT

    id: str = Field(min_length=1, max_length=128)
    name: str
    type: Literal["query", "mutation", "subscription"]
    body: str


class Manifest(BaseModel):
    """Apollo's manifest, version 1."""

    model_config = _STRICT

    format: Literal["apollo-persisted-query-manifest"] = "apollo-persisted-query-manifest"
    version: Literal[1] = 1
    operations: tuple[Operation, ...]


class ReleaseStatus(StrEnum):
    """Whether an app version may still be met: only `active` manifests are trusted and checked."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRED = "retired"


class Release(BaseModel):
    """One line of the registry: a released version of one app; `sha256` keeps its manifest from changing."""

    model_config = _STRICT

    platform: str
    version: str
    status: ReleaseStatus
    released: date
    last_seen: date | None = None
    owner: str
    operations: str = Field(description="The folder of `operations/` it was built from.")
    sha256: str

    @property
    def path(self) -> Path:
        """Return where its manifest stands, relative to this package."""
        return Path("manifests") / self.platform / f"{self.version}.json"


_REGISTRY = TypeAdapter(tuple[Release, ...])


def load_registry(home: Path = HOME) -> tuple[Release, ...]:
    """Return every release, in the order of the file.

    Raises:
        ValueError: The registry is not a list of complete rows.
    """
    return _REGISTRY.validate_python(yaml.load((home / "registry.yaml").read_text(), Loader=yaml.CSafeLoader))


def load_manifest(release: Release, home: Path = HOME) -> Manifest:
    """Return the manifest of a release.

    Raises:
        OSError: The file is missing.
        ValueError: It is not a manifest.
    """
    return Manifest.model_validate_json((home / release.path).read_bytes())


def active_manifests(home: Path = HOME) -> Iterator[Manifest]:
    """Yield the manifest of every active release."""
    for release in load_registry(home):
        if release.status is ReleaseStatus.ACTIVE:
            yield load_manifest(release, home)


def active_operations(home: Path = HOME) -> dict[str, Operation]:
    """Return every operation of the active releases by its id, in the order of the registry."""
    return {operation.id: operation for manifest in active_manifests(home) for operation in manifest.operations}


def read_operation_files(folder: Path) -> tuple[Operation, ...]:
    """Return the operations of a folder of `.graphql` files, one operation a file, sorted by name.

    Raises:
        ValueError: A file is not GraphQL, holds another number of operations, or one of another name than the file's.
    """
    return tuple(_read_operation(path) for path in sorted(folder.glob("*.graphql")))


def _read_operation(path: Path) -> Operation:
    body = path.read_text().strip() + "\n"
    try:
        found = [node for node in parse(body).definitions if isinstance(node, OperationDefinitionNode)]
    except GraphQLSyntaxError as error:
        raise ValueError(f"{path.name}: {error.message}") from error
    if len(found) != 1 or found[0].name is None or found[0].name.value != path.stem:
        raise ValueError(f"{path.name}: one operation named {path.stem} is needed")
    digest = hashlib.sha256(body.encode()).hexdigest()
    return Operation(id=digest, name=path.stem, type=found[0].operation.value, body=body)


def write_manifest(platform: str, version: str, *, operations: str, home: Path = HOME) -> str:
    """Write a new manifest and return its SHA-256 for the registry.

    Raises:
        FileExistsError: This version has a manifest: manifests never change.
        ValueError: As for `read_operation_files`, or the folder is empty.
    """
    found = read_operation_files(home / "operations" / operations)
    if not found:
        raise ValueError(f"no operations in {operations}")
    content = orjson.dumps(Manifest(operations=found).model_dump(), option=orjson.OPT_INDENT_2) + b"\n"
    path = home / "manifests" / platform / f"{version}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()
