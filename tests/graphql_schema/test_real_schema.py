"""The schema as it is published, behind the endpoint's own rules."""

import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from graphql import get_introspection_query as introspection_query

from backend.settings import GraphQLSettings
from graphql_schema.execution import Runners
from graphql_schema.limits import SENSITIVE_MUTATIONS
from graphql_schema.preparation import Preparation
from graphql_schema.schema import build_schema


def _core(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema


def _undescribed(schema: GraphQLSchema) -> list[str]:
    missing = []
    for name, graphql_type in schema.type_map.items():
        if name.startswith("__"):
            continue
        if not graphql_type.description:
            missing.append(name)
        if isinstance(graphql_type, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, found in graphql_type.values.items() if not found.description]
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            missing += [f"{name}.{field}" for field, found in graphql_type.fields.items() if not found.description]
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            missing += [
                f"{name}.{field}({argument}:)"
                for field, found in graphql_type.fields.items()
                for argument, argument_found in found.args.items()
                if not argument_found.description
            ]
    return missing


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert _undescribed(_core(build_schema())) == []


def test_the_explorer_can_read_the_schema_within_the_limits() -> None:
    schema = _core(build_schema())
    preparation = Preparation(schema, GraphQLSettings(), Runners(schema), open_schema=True)
    query = introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )

    assert len(preparation.prepare(query).operations) == 1


def test_every_sensitive_mutation_exists() -> None:
    """A renamed mutation must not slip out of the limit (S4)."""
    mutation = _core(build_schema()).mutation_type

    assert mutation is not None
    assert set(mutation.fields) >= SENSITIVE_MUTATIONS


def test_every_mutation_takes_exactly_one_input_with_its_key() -> None:
    mutation = _core(build_schema()).mutation_type

    assert mutation is not None
    for name, field in mutation.fields.items():
        assert list(field.args) == ["input"], name
        assert "idempotencyKey" in field.args["input"].type.of_type.fields, name
