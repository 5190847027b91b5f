"""The one table of access: every field of the schema has a policy here, and a guard test walks the whole schema.

Nothing here decides: `identity.access.require` does, once a service call. The table says which right that call asks
for, so that a field without one cannot appear unnoticed.
"""

from collections.abc import Iterator

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType

from graphql_schema.field_policies import FIELD_POLICIES
from graphql_schema.policies import Policy
from graphql_schema.type_policies import TYPE_POLICIES


def policy_of(type_name: str, field_name: str) -> Policy | None:
    """Return the policy of a field, or None where the table forgot it.

    A connection and its edges (`SlotConnection`, `SlotEdge`) hold what their node holds.
    """
    if (own := FIELD_POLICIES.get(f"{type_name}.{field_name}")) is not None:
        return own
    for name in (type_name, type_name.removesuffix("Connection"), type_name.removesuffix("Edge")):
        if (policy := TYPE_POLICIES.get(name)) is not None:
            return policy
    return None


def fields_without_policy(schema: GraphQLSchema) -> Iterator[str]:
    """Yield `Type.field` for every field the table forgot; introspection types are not ours."""
    for name, graphql_type in sorted(schema.type_map.items()):
        if name.startswith("__") or isinstance(graphql_type, GraphQLUnionType):
            continue
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            yield from (f"{name}.{field}" for field in graphql_type.fields if policy_of(name, field) is None)
