"""Waiting for a slot, in GraphQL."""
