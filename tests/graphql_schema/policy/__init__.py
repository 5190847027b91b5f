"""Tests of `graphql_schema.policy`."""
