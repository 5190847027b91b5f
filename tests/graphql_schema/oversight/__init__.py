"""Tests of `graphql_schema.oversight`."""
