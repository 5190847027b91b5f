"""What every resolver may reach: the services, who is asking, in which language."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import strawberry

from backend.clock import Clock
from backend.services import Services
from graphql_schema.catalogue import ErrorCatalogue, Language
from identity.principal import Principal


@dataclass(slots=True)
class Context:
    """One request's state; made anew for each operation and shared with nothing (S10).

    `address` is whence the request comes, for counting alone. `is_wiping` tells the browser to forget what it keeps.
    `extensions` is merged into the answer's `extensions`, as `{"replayed": True}`. `loaders` holds what reads for many
    fields at once, by its class.
    """

    services: Services
    catalogue: ErrorCatalogue
    clock: Clock
    principal: Principal | None = None
    language: Language = "ru"
    trace_id: str = ""
    address: str = ""
    is_wiping: bool = False
    extensions: dict[str, Any] = field(default_factory=dict)
    loaders: dict[type[Any], Any] = field(default_factory=dict)

    def mark_replay(self, *, replayed: bool) -> None:
        """Say in the answer that a repeated idempotency key got its first outcome again."""
        if replayed:
            self.extensions["replayed"] = True


Info: TypeAlias = strawberry.Info[Context, None]
