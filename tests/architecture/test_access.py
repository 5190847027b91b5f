from graphql import build_schema as build

from graphql_schema.permissions import fields_without_policy
from graphql_schema.schema import build_schema
from identity.access import RULES, Action

SCHEMA = build_schema()._schema


def test_every_field_and_mutation_has_an_access_policy() -> None:
    assert list(fields_without_policy(SCHEMA)) == []


def test_a_forgotten_field_is_found() -> None:
    """The guard can fail: a schema with an unknown type is reported."""
    assert list(fields_without_policy(build("type Query { forgotten: Int }"))) == ["Query.forgotten"]


def test_every_action_has_its_rule() -> None:
    assert set(RULES) == set(Action)


def test_every_type_field_argument_and_value_is_described() -> None:
    missing = []
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__") or name in {"Int", "Float", "String", "Boolean", "ID"}:
            continue
        if not kind.description:
            missing.append(name)
        for field_name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                missing.append(f"{name}.{field_name}")
            missing += [
                f"{name}.{field_name}({argument_name})"
                for argument_name, argument in getattr(field, "args", {}).items()
                if not argument.description
            ]
        missing += [f"{name}.{value}" for value, told in getattr(kind, "values", {}).items() if not told.description]
    assert missing == []


def test_every_mutation_takes_one_input_with_a_key_and_gives_a_nullable_payload_with_errors() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        assert list(field.args) == ["input"], name
        assert "idempotencyKey" in field.args["input"].type.of_type.fields, name
        assert "errors" in field.type.fields, name
