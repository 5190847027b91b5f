"""Tests of backend.calls."""
