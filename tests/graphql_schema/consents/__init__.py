"""Tests of `graphql_schema.consents`."""
