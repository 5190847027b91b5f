"""Tests of graphql_schema.booking."""
