"""Tests of backend.booking."""
