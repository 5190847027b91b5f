"""Waiting for a slot that is not free yet: who is next is offered it, and it is kept while they decide."""
