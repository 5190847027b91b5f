"""Tests of graphql_schema.call_backs and graphql_schema.call_back_desk."""
