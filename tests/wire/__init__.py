"""The npm `graphql-http` audit against our endpoint."""
