"""Oversight: breaking the glass, the officer's queue, and who looked at a person's data."""
