"""The compiled executor answers as graphql-core does: fuzzing, graphql-core's own published tests, hostile input."""
