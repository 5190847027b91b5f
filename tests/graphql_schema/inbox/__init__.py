"""Tests of `graphql_schema.inbox`."""
