"""What the apps may send: every published operation by its name, and how it is sent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mobile_contracts.manifest import HOME, Operation, read_operation_files

_FIRST = ("citizen", "kiosk")
_FOLDERS = sorted((one.name for one in (HOME / "operations").iterdir()), key=lambda name: (name not in _FIRST, name))

OPERATIONS_OF_APP: Mapping[str, Mapping[str, Operation]] = MappingProxyType(
    {
        folder: MappingProxyType({one.name: one for one in read_operation_files(HOME / "operations" / folder)})
        for folder in _FOLDERS
    }
)
"""By folder, the citizens' first."""

APP_OF: Mapping[str, str] = MappingProxyType(
    {name: folder for folder, found in reversed(list(OPERATIONS_OF_APP.items())) for name in found}
)
"""The first app that has an operation of a name; in the others it is the same text."""


def trusted(operation: Operation, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request for an operation by its id."""
    return {"documentId": f"sha256:{operation.id}", "variables": variables}
