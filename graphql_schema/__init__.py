"""The face: the GraphQL schema and the endpoint that serves it."""
