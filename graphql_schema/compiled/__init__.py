"""A compiler of GraphQL operations into Python functions, equal in every answer to graphql-core's executor."""
