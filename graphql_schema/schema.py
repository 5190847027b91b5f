"""The whole schema: the domains' mix-ins joined into the roots."""

from typing import cast

import strawberry
from strawberry.schema.config import StrawberryConfig

from graphql_schema.context import Info
from graphql_schema.errors import RefusedError
from graphql_schema.fields import field
from graphql_schema.scalars import SCALARS, DateTime, GeoPoint

_PUBLISHED_SCALARS = cast("tuple[type, ...]", tuple(SCALARS))
"""Published even before a field names them, so that clients can map them once."""


@strawberry.type(description="Everything that can be read.")
class Query:
    """The root of reading."""

    @field(description="The server's present time, for clients to correct their clocks by.")
    def server_time(self, info: Info) -> DateTime | None:
        """Return the present instant."""
        return info.context.clock()


def schema_config() -> StrawberryConfig:
    """Return the configuration that every schema of ours shares."""
    return StrawberryConfig(scalar_map=SCALARS, relay_max_results=100, sort_schema=True)


def build_schema() -> strawberry.Schema:
    """Build the schema anew: types and scalars that no field names yet are published too."""
    return strawberry.Schema(query=Query, types=[RefusedError, GeoPoint, *_PUBLISHED_SCALARS], config=schema_config())
