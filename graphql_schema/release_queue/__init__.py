"""Queues for what popular doctors begin to give out, in GraphQL."""
