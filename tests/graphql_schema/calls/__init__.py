"""Tests of graphql_schema.calls."""
