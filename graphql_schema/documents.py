"""Trusted documents: the operations of published manifests, by id. Nothing is ever added by a request (S13)."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

_FORMAT = "apollo-persisted-query-manifest"
_HASH_PREFIX = "sha256:"


class TrustedDocuments:
    """Finds a document by what a client sends: an id of a manifest, `sha256:<hex>` of the body, or the bare hex."""

    def __init__(self, manifests: Iterable[Mapping[str, Any]] = ()) -> None:
        """Take parsed manifests of Apollo's format; the ids are kept as they are, never computed anew.

        Raises:
            ValueError: Another format, or two documents under one id.
        """
        bodies: dict[str, str] = {}
        for manifest in manifests:
            if manifest.get("format") != _FORMAT or manifest.get("version") != 1:
                raise ValueError(f"not a manifest of the format {_FORMAT}, version 1")
            for operation in manifest["operations"]:
                _add(bodies, operation["id"], operation["body"])
        self._bodies = MappingProxyType(bodies)
        self._texts = frozenset(bodies.values())

    def find(self, document_id: str) -> str | None:
        """Return the text of a trusted document, or None."""
        return self._bodies.get(document_id)

    def texts(self) -> Collection[str]:
        """Return the different documents, in any order."""
        return self._texts

    def __contains__(self, text: object) -> bool:
        """Say whether a text is, to the letter, a trusted document."""
        return text in self._texts

    def __len__(self) -> int:
        """Return how many different documents there are."""
        return len(self._texts)


def _add(bodies: dict[str, str], document_id: str, body: str) -> None:
    digest = hashlib.sha256(body.encode()).hexdigest()
    for name in {document_id, digest, _HASH_PREFIX + digest}:
        if bodies.setdefault(name, body) != body:
            raise ValueError(f"two documents under the id {name}")
