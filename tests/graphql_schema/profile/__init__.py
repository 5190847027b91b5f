"""Tests of `graphql_schema.profile`."""
